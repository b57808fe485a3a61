/** Moving pictures of made-up people, as tracks, for scenes without a camera. */
const WALLS = ["#dfe6dc", "#d8cfc2", "#b9c6bd", "#2d3440", "#e9e2d6", "#b7c9cf", "#ead7cf", "#54657a", "#cbd3e2"];
const SHIRTS = ["#7a2f4a", "#31495c", "#d9a441", "#3d6f63", "#2f5f66", "#9c4a35", "#a9bcc8", "#e7e2d8", "#4b5f9a"];
const SKINS = ["#b9794f", "#eec3a2", "#8a5638", "#e6b78f", "#d9a67c", "#6f4530", "#f1cfae", "#f2cdb4", "#c68a5e"];
const HAIRS = ["#221814", "#b98445", "#1d1513", "#191717", "#40707a", "#2a1a12", "#201a1c", "#7a3b22", "#3b2b20"];

/** A camera picture of person `index`. */
export function personTrack(index: number, width = 640, height = 360): MediaStreamTrack {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const pen = canvas.getContext("2d");
  if (pen) paint(pen, index, width, height);
  const [track] = canvas.captureStream(2).getVideoTracks();
  if (!track) throw new Error("the canvas gave no track");
  setInterval(() => pen && paint(pen, index, width, height), 500);
  return track;
}

/** A shared screen with a chart on it. */
export function screenTrack(): MediaStreamTrack {
  const canvas = Object.assign(document.createElement("canvas"), { width: 1280, height: 720 });
  const pen = canvas.getContext("2d");
  const draw = () => pen && paintSlide(pen);
  draw();
  setInterval(draw, 500);
  const [track] = canvas.captureStream(2).getVideoTracks();
  if (!track) throw new Error("the canvas gave no track");
  return track;
}

function pick(from: readonly string[], index: number): string {
  return from[index % from.length] ?? "#888888";
}

function paint(pen: CanvasRenderingContext2D, index: number, width: number, height: number): void {
  const unit = height / 360;
  const x = width / 2 + ((index % 3) - 1) * 18 * unit;
  pen.fillStyle = pick(WALLS, index);
  pen.fillRect(0, 0, width, height);
  pen.fillStyle = `${pick(SHIRTS, index + 4)}55`;
  pen.beginPath();
  pen.arc(width * (index % 2 ? 0.82 : 0.14), height * 0.32, 70 * unit, 0, 7);
  pen.fill();
  disc(pen, pick(HAIRS, index), x, 148 * unit, 78 * unit, 88 * unit);
  pen.fillStyle = pick(SHIRTS, index);
  pen.beginPath();
  pen.ellipse(x, 400 * unit, 180 * unit, 130 * unit, 0, 0, 7);
  pen.fill();
  disc(pen, pick(SKINS, index), x, 250 * unit, 34 * unit, 46 * unit);
  disc(pen, pick(SKINS, index), x, 172 * unit, 60 * unit, 74 * unit);
  disc(pen, "#1c1412", x - 22 * unit, 166 * unit, 4 * unit, 5 * unit);
  disc(pen, "#1c1412", x + 22 * unit, 166 * unit, 4 * unit, 5 * unit);
  pen.strokeStyle = "#5a2a24";
  pen.lineWidth = 4 * unit;
  pen.beginPath();
  pen.arc(x, 196 * unit, 18 * unit, 0.5, 2.6);
  pen.stroke();
}

function disc(pen: CanvasRenderingContext2D, colour: string, x: number, y: number, rx: number, ry: number): void {
  pen.fillStyle = colour;
  pen.beginPath();
  pen.ellipse(x, y, rx, ry, 0, 0, 7);
  pen.fill();
}

function paintSlide(pen: CanvasRenderingContext2D): void {
  pen.fillStyle = "#ffffff";
  pen.fillRect(0, 0, 1280, 720);
  pen.fillStyle = "#16211c";
  pen.font = "600 44px system-ui";
  pen.fillText("Waiting room, version 4", 90, 120);
  [520, 430, 470, 380, 340].forEach((top, index) => {
    pen.fillStyle = index % 2 ? "#0d7a5c" : "#c9d8d2";
    pen.fillRect(120 + index * 220, 720 - top, 120, top - 90);
  });
}
