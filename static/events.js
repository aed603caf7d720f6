// Charts of a source, and the pause of the live list. What they show stands in tables without them too.
(() => {
  const probe = document.body.appendChild(Object.assign(document.createElement("span"), { hidden: true }));

  /** A colour of the theme, worked out: a canvas knows no variables. */
  const colour = (name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const number = (digits) => (chart, value) => (value == null ? "–" : value.toFixed(digits));
  const utc = (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC");

  /** Places (index, height, words) of the detections among the points. */
  const marks = (data) =>
    data.detections.map((one) => {
      const index = Math.max(0, Math.min(data.at.length - 1, Math.floor((one.at - data.at[0]) / data.seconds)));
      return { index, label: one.label, score: one.score ?? data.highest[index] ?? data.threshold[index] ?? 0.5 };
    });

  const drawMarks = (placed) => (chart) => {
    const size = 7 * devicePixelRatio;
    chart.ctx.save();
    chart.ctx.fillStyle = colour("--tblr-red");
    chart.ctx.strokeStyle = colour("--tblr-bg-surface");
    chart.ctx.lineWidth = devicePixelRatio;
    chart.ctx.setLineDash([]);
    for (const { index, score } of placed) {
      const x = chart.valToPos(chart.data[0][index], "x", true);
      const y = chart.valToPos(score, "y", true);
      chart.ctx.beginPath();
      chart.ctx.moveTo(x, y - size);
      chart.ctx.lineTo(x + size, y + size * 0.7);
      chart.ctx.lineTo(x - size, y + size * 0.7);
      chart.ctx.closePath();
      chart.ctx.fill();
      chart.ctx.stroke();
    }
    chart.ctx.restore();
  };

  const words = (placed) => (chart, value, series, index) => {
    if (index == null) return "–";
    const here = placed.filter((mark) => mark.index === index);
    return here.length > 1 ? `${here.length}: ${here[0].label} …` : (here[0]?.label ?? "–");
  };

  const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const written = (seconds, shape) => utc(seconds).toLocaleString("en-GB", shape);

  /** The time of day; at midnight the day. */
  const ticksOf = (chart, ticks) =>
    ticks.map((at) => (at % 86400 ? written(at, clock) : written(at, { day: "numeric", month: "short" })));

  const axes = (digits) => {
    const look = { stroke: colour("--tblr-body-color"), grid: { stroke: colour("--tblr-border-color"), width: 1 }, ticks: { stroke: colour("--tblr-border-color") } };
    return [{ ...look, values: ticksOf }, { ...look, size: 56, values: (chart, ticks) => ticks.map((tick) => tick.toFixed(digits)) }];
  };

  const around = (chart, low, high) => (low == null ? [0, 1] : [Math.max(0, low - 0.05), Math.min(1, high + 0.05)]);
  const fromZero = (chart, low, high) => [0, Math.max(0.1, (high ?? 0) * 1.1)];

  /** The legend says what the last point that is over was like, until somebody points at another. */
  const showLast = (chart) => chart.setLegend({ idx: Math.max(0, chart.data[0].length - 2) });

  const chartOf = (element, height, label, range, digits, series, data, hooks = {}) => {
    const options = {
      width: element.clientWidth, height, hooks: { ...hooks, ready: [showLast] }, series, axes: axes(digits), tzDate: utc,
      scales: { y: { range } }, cursor: { drag: { x: false, y: false }, y: false },
    };
    options.series[0].label = label;
    return new uPlot(options, data, element);
  };

  const TIME = { value: (chart, at) => (at == null ? "–" : written(at, { day: "numeric", month: "short", ...clock })) };

  const drawScores = (element, data) => {
    const placed = marks(data);
    const none = data.at.map(() => null);
    placed.forEach((mark) => (none[mark.index] = mark.score));
    const series = [
      { ...TIME },
      { label: "Highest score", stroke: colour("--tblr-link-color"), width: 2, points: { show: false }, value: number(3) },
      { label: "Mean score (dotted)", stroke: colour("--tblr-link-color"), width: 1, dash: [2, 3], points: { show: false }, value: number(3) },
      { label: "Threshold (dashed)", stroke: colour("--tblr-orange"), width: 2, dash: [8, 4], points: { show: false }, spanGaps: true, value: number(3) },
      { label: "▲ Detections", stroke: colour("--tblr-red"), paths: () => null, points: { show: false }, value: words(placed) },
    ];
    const columns = [data.at, data.highest, data.mean, data.threshold, none];
    return chartOf(element, 260, "UTC", around, 2, series, columns, { draw: [drawMarks(placed)] });
  };

  const drawRates = (element, data) => {
    const series = [
      { ...TIME },
      { label: "Lines a second", stroke: colour("--tblr-link-color"), fill: colour("--chart-fill"), width: 2, points: { show: false }, value: number(1) },
      { label: "Left out by filters (dashed)", stroke: colour("--tblr-body-color"), width: 1, dash: [6, 3], points: { show: false }, value: number(1) },
      { label: "Refused (dotted)", stroke: colour("--tblr-red"), width: 2, dash: [2, 3], points: { show: false }, value: number(1) },
    ];
    return chartOf(element, 170, "UTC", fromZero, 1, series, [data.at, data.received, data.dropped, data.refused]);
  };

  const showScores = (frame) => {
    const trouble = document.querySelector("[data-chart-trouble]");
    const places = ["scores", "rates"].map((name) => frame.querySelector(`[data-chart="${name}"]`));
    let data = null;
    let charts = [];

    const draw = () => {
      if (!data) return;
      charts.forEach((chart) => chart.destroy());
      charts = [drawScores(places[0], data), drawRates(places[1], data)];
    };
    const load = async () => {
      if (document.hidden) return;
      try {
        const answer = await fetch(frame.dataset.scores, { headers: { Accept: "application/json" } });
        if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
        data = await answer.json();
        trouble.hidden = true;
        draw();
      } catch (error) {
        trouble.textContent = `The chart could not be brought up to date: ${error.message}. The table below is as of when the page was loaded.`;
        trouble.hidden = false;
      }
    };
    const fit = () => charts.forEach((chart, place) => chart.setSize({ width: places[place].clientWidth, height: chart.height }));

    load();
    setInterval(load, 15000);
    new ResizeObserver(fit).observe(frame);
    new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
  };

  /** The pause of the live list; a row that is reached by keyboard pauses it too, so that it stays where it is. */
  const pauseLive = (button) => {
    const show = (paused) => {
      button.setAttribute("aria-pressed", String(paused));
      button.querySelectorAll("[data-when]").forEach((part) => (part.hidden = (part.dataset.when === "paused") !== paused));
    };
    const isPaused = () => button.getAttribute("aria-pressed") === "true";
    button.addEventListener("click", () => show(!isPaused()));
    document.addEventListener("focusin", (event) => event.target.closest("#live") && show(true));
    document.addEventListener("htmx:beforeRequest", (event) => {
      if (event.target.id === "live" && (isPaused() || document.hidden)) event.preventDefault();
    });
  };

  document.querySelectorAll("[data-scores]").forEach(showScores);
  document.querySelectorAll("[data-live-pause]").forEach(pauseLive);
})();
