// What somebody chose and typed on a report stays in this tab until the report is dealt with.
const reviewDrafts = (() => {
  const keyOf = (review) => `review:${review.dataset.report}:${review.dataset.revision}`;
  const boxes = (review) => [...review.querySelectorAll("[data-label] input")];
  const fields = (review) => [...review.querySelectorAll("details[name=pass-on] input:not([type=hidden])")];

  const keep = (review) => {
    if (!review?.dataset.report) return;
    const chosen = boxes(review).map((box) => [box.id, box.checked]);
    const typed = fields(review).map((field) => [field.id, field.value]);
    sessionStorage.setItem(keyOf(review), JSON.stringify({ chosen, typed }));
  };

  const forget = (review) => review.dataset.report && sessionStorage.removeItem(keyOf(review));

  const restore = (review) => {
    const draft = review?.dataset.report && JSON.parse(sessionStorage.getItem(keyOf(review)));
    if (!draft) return;
    const chosen = new Map(draft.chosen);
    boxes(review).forEach((box) => {
      if (!chosen.has(box.id) || box.checked === chosen.get(box.id)) return;
      box.checked = chosen.get(box.id);
      box.closest("[data-label]").dataset.touched = "";
    });
    const typed = new Map(draft.typed);
    fields(review).forEach((field) => {
      if (!typed.get(field.id)) return;
      field.value = typed.get(field.id);
      field.closest("details").open = true;
    });
  };

  ["input", "change"].forEach((kind) =>
    document.addEventListener(kind, (event) => keep(event.target.form?.closest("#review") ?? event.target.closest?.("#review"))),
  );
  return { forget, restore };
})();
