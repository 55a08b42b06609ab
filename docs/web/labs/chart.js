// Curves of losses over steps, on a logarithmic axis, as `course_lib.widgets.live.loss_chart`.

(() => {
  const { course } = window;
  const [WIDTH, HEIGHT, SCALE] = [300, 250, 2];
  const CURVES = {
    total: ["#0072B2", []],
    content: ["#D55E00", [6, 3]],
    style: ["#009E73", [6, 2, 1.5, 2]],
    variation: ["#CC79A7", [1.5, 2.5]],
  };
  const NAMES = {
    total: tr`total`,
    content: tr`content`,
    style: tr`style`,
    variation: tr`variation`,
  };
  course.lossNames = NAMES;
  const [LEFT, RIGHT, TOP, BOTTOM] = [50, 284, 54, 206];

  /** History {step: [...], total: [...], ...} as pixels. */
  course.lossChart = (history, steps) => {
    const sheet = course.make("canvas", { width: SCALE * WIDTH, height: SCALE * HEIGHT });
    const pen = sheet.getContext("2d");
    pen.scale(SCALE, SCALE);
    pen.fillStyle = "white";
    pen.fillRect(0, 0, WIDTH, HEIGHT);
    // Beside the image the chart is shown at two thirds of its size, and must still be read.
    pen.font = "16px sans-serif";
    // A loss of nearly 0, as that of the content at the start, would leave the others no room.
    const most = Math.max(...(history.total ?? []), 0);
    const shown = Object.keys(CURVES).flatMap((name) => history[name] ?? []);
    const least = Math.min(...shown.filter((value) => value > 1e-6 * most), most);
    const across = (step) => LEFT + ((RIGHT - LEFT) * step) / steps;
    const [low, high] = [Math.log10(least || 0.1) - 0.1, Math.log10(most || 1) + 0.1];
    const down = (value) => BOTTOM - ((BOTTOM - TOP) * (Math.log10(value) - low)) / (high - low);
    axes(pen, across, down, steps, most ? [low, high] : null);
    Object.entries(CURVES).forEach(([name, [color, dashes]], place) => {
      pen.strokeStyle = color;
      pen.lineWidth = 2;
      pen.setLineDash(dashes);
      pen.beginPath();
      const [x, y] = [LEFT + 122 * (place % 2), place < 2 ? 14 : 36];
      pen.moveTo(x, y);
      pen.lineTo(x + 24, y);
      let drawing = false;
      (history[name] ?? []).forEach((value, number) => {
        const there = value > 1e-6 * most;
        if (there) pen[drawing ? "lineTo" : "moveTo"](across(history.step[number]), down(value));
        drawing = there;
      });
      pen.stroke();
      pen.fillStyle = "black";
      pen.textAlign = "left";
      pen.fillText(NAMES[name], x + 29, y + 5);
    });
    return pen.getImageData(0, 0, sheet.width, sheet.height);
  };

  function axes(pen, across, down, steps, range) {
    pen.strokeStyle = "#444";
    pen.lineWidth = 0.8;
    pen.setLineDash([]);
    pen.beginPath();
    pen.moveTo(LEFT, TOP);
    pen.lineTo(LEFT, BOTTOM);
    pen.lineTo(RIGHT, BOTTOM);
    pen.stroke();
    pen.fillStyle = "#222";
    pen.textAlign = "center";
    for (const step of [0, steps / 2, steps]) pen.fillText(Math.round(step), across(step), BOTTOM + 18);
    pen.fillText(tr`step`, (LEFT + RIGHT) / 2, BOTTOM + 38);
    pen.textAlign = "right";
    if (!range) return;
    pen.strokeStyle = "#ddd";
    for (let power = Math.ceil(range[0]); power <= range[1]; power++) {
      const height = down(10 ** power);
      pen.beginPath();
      pen.moveTo(LEFT, height);
      pen.lineTo(RIGHT, height);
      pen.stroke();
      pen.fillText(String(Number((10 ** power).toPrecision(1))), LEFT - 5, height + 5);
    }
  }
})();
