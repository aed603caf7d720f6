// From one report to the next: the next one is fetched ahead and shown at once, and nothing is decided unseen or twice.
(() => {
  const UNSEEN_MS = 300; // a key sooner than this after a report appeared was meant for the one before
  const PATIENCE_MS = 20000;
  let shownAt = -Infinity;
  let ahead = null; // the next report, ready to be shown
  let sending = false;
  let queued = null; // what was pressed on a report whose predecessor is still being recorded

  const current = () => document.getElementById("review");
  const parse = (text) => new DOMParser().parseFromString(text, "text/html");
  const told = (event) => document.dispatchEvent(new Event(event));

  const show = (review) => {
    current().replaceWith(document.adoptNode(review));
    htmx.process(review);
    document.title = review.dataset.title;
    if (review.dataset.address !== location.pathname + location.search) history.pushState(null, "", review.dataset.address);
    window.scrollTo(0, 0);
    reviewDrafts.restore(review);
    (review.querySelector("[role=alert][autofocus]") ?? review.querySelector(".review-heading")).focus({ preventScroll: true });
    shownAt = Infinity; // until it has been painted
    requestAnimationFrame(() => requestAnimationFrame(() => (shownAt = performance.now())));
    told("review:shown");
  };

  const replace = (page, ...ids) =>
    ids.forEach((id) => {
      const fresh = page.querySelector(`#${id}`);
      if (fresh) document.getElementById(id)?.replaceWith(document.adoptNode(fresh));
    });

  const prepare = async () => {
    const shown = current();
    ahead = null;
    if (!shown?.dataset.ahead) return;
    try {
      const answer = await fetch(shown.dataset.ahead);
      const review = answer.status === 200 && !answer.redirected ? parse(await answer.text()).getElementById("review") : null;
      if (current() !== shown || sending) return;
      ahead = review;
      // It was made after the last decision was: what that changed around the report stands in it.
      if (review) replace(review.cloneNode(true), "review-progress", "review-recent");
    } catch {
      // Without it the next report comes with the answer to the decision.
    }
  };

  /** The page says that the report which is shown already is held now, or it is another page to show. */
  const receive = (page, answer, before, next, onwards) => {
    const confirmed = page.querySelector("[data-confirmed]")?.dataset.confirmed;
    const review = page.getElementById("review");
    if (!confirmed && !review) return location.assign(answer.url); // the sign-in, or a page of another kind
    if (onwards && !("refused" in (review?.dataset ?? {}))) reviewDrafts.forget(before);
    replace(page, "messages");
    if (!confirmed || confirmed !== next?.dataset.report) show(review);
  };

  const sayTrouble = (review, status) => {
    const alert = review.querySelector("[data-trouble]");
    if (!alert) return;
    alert.querySelector("[data-trouble-words]").textContent = status ? alert.dataset.answered.replace("%s", status) : alert.dataset.unreachable;
    alert.hidden = false;
  };

  const sayRecording = (before) => {
    const line = current().querySelector("[data-recording]");
    if (!line) return;
    line.hidden = !before;
    if (before) line.textContent = line.dataset.recording.replace("%s", `#${before.dataset.report}`);
  };

  const send = async (form, submitter) => {
    const onwards = form.dataset.send === "onwards";
    const [before, next, body, action] = [current(), onwards ? ahead : null, new FormData(form, submitter), form.getAttribute("action")];
    sending = true;
    const trouble = before.querySelector("[data-trouble]");
    if (trouble) trouble.hidden = true;
    if (next) {
      body.set("ahead", next.dataset.report);
      body.set("ahead_revision", next.dataset.revision);
      show(next);
    }
    sayRecording(next ? before : null);
    let status = 0;
    try {
      const answer = await fetch(action, { method: "POST", body, signal: AbortSignal.timeout(PATIENCE_MS) });
      status = answer.ok ? 0 : answer.status;
      if (!answer.ok) throw new Error(answer.status);
      receive(parse(await answer.text()), answer, before, next, onwards);
      sending = false;
      prepare();
    } catch {
      sending = false;
      if (next) show(before); // as it was: its boxes, what was typed
      ahead = next;
      sayTrouble(before, status);
      before.querySelector("[data-again]")?.addEventListener("click", () => form.requestSubmit(submitter), { once: true });
    }
    sayRecording(null);
    const then = queued;
    queued = null;
    if (then?.form.isConnected && !sending) send(then.form, then.submitter);
  };

  const onSubmit = (event) => {
    const form = event.target;
    if (!form.closest("#review")) return;
    if (performance.now() - shownAt < UNSEEN_MS) {
      event.preventDefault();
      event.stopImmediatePropagation();
    } else if (form.matches("[data-send]")) {
      event.preventDefault();
      if (sending) queued = { form, submitter: event.submitter };
      else send(form, event.submitter);
    }
  };
  /** The second half of a double click was meant for the report before. */
  const onDoubleClick = (event) => event.detail > 1 && event.target.closest?.("#review [type=submit]") && event.preventDefault();

  document.addEventListener("submit", onSubmit, true);
  document.addEventListener("click", onDoubleClick, true);
  window.addEventListener("popstate", () => location.reload());
  window.addEventListener("pageshow", (event) => event.persisted && location.reload());
  reviewDrafts.restore(current());
  told("review:shown");
  prepare();
})();
