// Says on the page why a security key did not work; allauth's own scripts talk to the key.
(() => {
  const words = (place, exception) => {
    const names = { InvalidStateError: place.dataset.known, NotAllowedError: place.dataset.refused, AbortError: place.dataset.refused };
    return names[exception.name] ?? place.dataset.noKeys;
  };

  document.addEventListener("allauth.error", (event) => {
    event.preventDefault(); // what is said here need not stand in the console
    document.querySelectorAll("[data-key-trouble]").forEach((place) => {
      place.textContent = words(place, event.detail.exception);
      place.hidden = false;
    });
  });
})();
