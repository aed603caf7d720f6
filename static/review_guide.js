// The guide of labels as a panel on the review page: fetched once, opened at the category that is open in the list.
(() => {
  const fetchOnce = async (words, address) => {
    if ("there" in words.dataset) return;
    try {
      const answer = await fetch(address);
      if (!answer.ok || answer.redirected) throw new Error(answer.status);
      words.replaceChildren(...new DOMParser().parseFromString(await answer.text(), "text/html").body.children);
      words.dataset.there = "";
    } catch {
      words.textContent = words.dataset.failed;
    }
  };

  const open = async (link) => {
    const words = document.querySelector("[data-guide-words]");
    const category = document.querySelector("#decide details.category[open]")?.dataset.category;
    document.getElementById("label-guide").showModal();
    await fetchOnce(words, link.dataset.guide);
    words.querySelectorAll("details").forEach((chapter) => (chapter.open = chapter.dataset.guideCategory === category));
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-guide]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link);
  });
})();
