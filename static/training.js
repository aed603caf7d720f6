// The curve of a training, drawn from the numbers that stand beside it; the table holds the same.
(() => {
  const HEIGHT = 220;
  const drawn = new Map(); // element -> chart

  const probe = document.body.appendChild(Object.assign(document.createElement("span"), { hidden: true }));

  /** A colour of the theme, worked out: a canvas knows no variables. */
  const colour = (name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };

  const decimal = (value) => (value == null ? "–" : value.toFixed(3));

  const optionsOf = (names, width) => {
    const look = { stroke: colour("--tblr-body-color"), grid: { stroke: colour("--tblr-border-color"), width: 1 }, ticks: { stroke: colour("--tblr-border-color") } };
    return {
      width, height: HEIGHT,
      scales: { x: { time: false }, loss: { range: (chart, low, high) => [0, Math.max(0.1, (high ?? 0) * 1.1)] }, score: { range: [0, 1] } },
      cursor: { drag: { x: false, y: false }, y: false },
      series: [
        { label: names.step },
        { label: names.loss, scale: "loss", stroke: colour("--tblr-link-color"), width: 2, value: (chart, value) => decimal(value), points: { show: false } },
        { label: names.score, scale: "score", stroke: colour("--tblr-orange"), width: 2, dash: [8, 4], spanGaps: true, value: (chart, value) => decimal(value), points: { show: true, size: 6 } },
      ],
      axes: [
        { ...look },
        { ...look, scale: "loss", label: names.loss, size: 56 },
        { ...look, scale: "score", label: names.score, side: 1, size: 56, grid: { show: false } },
      ],
    };
  };

  const show = (source) => {
    const place = document.getElementById(source.dataset.chart);
    const { names, steps, losses, scores } = JSON.parse(source.dataset.curve);
    const data = [steps, losses, scores];
    if (drawn.has(place)) return drawn.get(place).setData(data);
    drawn.set(place, new uPlot(optionsOf(names, place.clientWidth), data, place));
    resized.observe(place);
  };

  const resized = new ResizeObserver((entries) =>
    entries.forEach(({ target }) => drawn.get(target)?.setSize({ width: target.clientWidth, height: HEIGHT })),
  );
  const showAll = () => document.querySelectorAll("[data-curve]").forEach(show);
  const drawAnew = () => {
    drawn.forEach((chart) => chart.destroy());
    drawn.clear();
    showAll();
  };

  showAll();
  document.addEventListener("htmx:afterSettle", showAll);
  new MutationObserver(drawAnew).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
})();
