// The charts of the dashboard, drawn from the numbers that stand beside each; tables hold the same.
(() => {
  const HEIGHT = 200;
  const DASHES = { solid: [], dashed: [8, 4], dotted: [2, 3] };
  const TONES = ["--tblr-link-color", "--tblr-orange", "--tblr-body-color"];
  const TICKS = {
    count: [1, 2, 5].flatMap((step) => [...Array(7).keys()].map((power) => step * 10 ** power)).sort((one, other) => one - other),
    seconds: [1, 5, 15, 30, 60, 300, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 432000, 864000, 2592000, 8640000, 31536000],
  };
  const STEPS = [86400, 3600, 60, 1]; // day, hour, minute, second
  const drawn = new Map();

  const probe = document.body.appendChild(Object.assign(document.createElement("span"), { hidden: true }));

  /** A colour of the theme, worked out: a canvas knows no variables. */
  const colour = (name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };

  const language = document.documentElement.lang;
  const counted = (value) => value.toLocaleString(language, { maximumFractionDigits: 1 });

  /** Seconds in the largest unit that fits; `units` are the words for s, min, h and d. */
  const lasting = (units) => (value) => {
    const place = STEPS.findIndex((step) => value >= step);
    const step = place < 0 ? 1 : STEPS[place];
    return `${counted(value / step)} ${units[STEPS.length - 1 - STEPS.indexOf(step)]}`;
  };

  /** The legend says what the last slot is like, until somebody points at another. */
  const showLast = (chart) => chart.setLegend({ idx: chart.data[0].length - 1 });

  const chartOf = (element) => {
    const data = JSON.parse(element.dataset.dashboardChart);
    const written = data.unit === "seconds" ? lasting(element.dataset.units.split(",")) : counted;
    const look = { stroke: colour("--tblr-body-color"), grid: { stroke: colour("--tblr-border-color"), width: 1 }, ticks: { stroke: colour("--tblr-border-color") } };
    const series = data.series.map((one, place) => ({
      label: one.name, stroke: colour(TONES[place]), width: 2, dash: DASHES[one.look], points: { show: data.names.length < 32, size: 5 },
      spanGaps: true, value: (chart, value) => (value == null ? "–" : written(value)),
    }));
    const options = {
      width: element.clientWidth, height: HEIGHT, scales: { x: { time: false }, y: { range: (chart, low, high) => [0, Math.max(1, (high ?? 0) * 1.1)] } },
      hooks: { ready: [showLast] }, cursor: { drag: { x: false, y: false }, y: false },
      series: [{ label: element.dataset.first, value: (chart, at) => data.names[at] ?? "–" }, ...series],
      axes: [
        { ...look, incrs: [1, 2, 5, 7, 10, 14, 20, 30, 50], space: 70, values: (chart, ticks) => ticks.map((at) => data.names[at] ?? "") },
        { ...look, size: 64, incrs: TICKS[data.unit], values: (chart, ticks) => ticks.map(written) },
      ],
    };
    return new uPlot(options, [data.names.map((name, at) => at), ...data.series.map((one) => one.values)], element);
  };

  const draw = (element) => {
    drawn.get(element)?.destroy();
    drawn.set(element, chartOf(element));
  };

  const places = (root) => root.querySelectorAll("[data-dashboard-chart]");
  const resized = new ResizeObserver((entries) =>
    entries.forEach(({ target }) => drawn.get(target)?.setSize({ width: target.clientWidth, height: HEIGHT })),
  );
  const show = (root) =>
    places(root).forEach((element) => {
      if (drawn.has(element)) return;
      draw(element);
      resized.observe(element);
    });

  show(document);
  document.addEventListener("htmx:afterSettle", (event) => show(event.target));
  new MutationObserver(() => [...drawn.keys()].forEach(draw)).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
})();
