/** A grid of equal tiles: how many columns and rows, and how large each tile is. */
export interface TileGrid {
  readonly cols: number;
  readonly rows: number;
  readonly width: number;
  readonly height: number;
}

/** Room for tiles, in CSS pixels. */
export interface StageSize {
  readonly width: number;
  readonly height: number;
}

/** Pixels between tiles. */
export const TILE_GAP = 8;

/** Below this width a stage is narrow: tiles may stand upright. */
const NARROW_STAGE = 600;

/** What each empty cell of the last row costs, as a share of the tile's area. */
const EMPTY_CELL_COST = 0.015;

/** Smallest useful tile. Smaller ones hold more people and show less of each. */
const MIN_TILE = { width: 160, height: 90 };

/** Most tiles on a page, on a page that saves effort, and on a phone's page. */
const MAX_TILES = 25;
const MAX_TILES_SPARING = 12;
const MAX_TILES_PHONE = 6;

/**
 * The best grid for `count` tiles: every number of columns is tried, the
 * tile's shape is kept between 6:5 and 16:9 (on a narrow stage from 3:4), and
 * the largest area wins, less a little for each empty cell.
 */
export function tileGrid(count: number, stage: StageSize): TileGrid | null {
  const widest = 16 / 9;
  const tallest = stage.width < NARROW_STAGE ? 3 / 4 : 6 / 5;
  let best: TileGrid | null = null;
  let bestScore = 0;
  for (let cols = 1; cols <= count; cols++) {
    const rows = Math.ceil(count / cols);
    let width = (stage.width - TILE_GAP * (cols - 1)) / cols;
    let height = (stage.height - TILE_GAP * (rows - 1)) / rows;
    if (width <= 0 || height <= 0) continue;
    if (width / height > widest) width = height * widest;
    else if (width / height < tallest) height = width / tallest;
    const score = width * height * (1 - EMPTY_CELL_COST * (cols * rows - count));
    if (best === null || score > bestScore) {
      best = { cols, rows, width, height };
      bestScore = score;
    }
  }
  return best;
}

/** What decides how many tiles a page holds. */
export interface CapacityLook {
  readonly isPhone: boolean;
  readonly isSparing: boolean;
  /** What the person, or the application around the page, chose; `null`: as many as are useful. */
  readonly chosen: number | null;
}

/** How many tiles a page holds: as many as stay large enough to be useful. */
export function pageCapacity(stage: StageSize, look: CapacityLook): number {
  if (look.isPhone) return Math.min(MAX_TILES_PHONE, look.chosen ?? MAX_TILES_PHONE);
  const most = look.chosen ?? (look.isSparing ? MAX_TILES_SPARING : MAX_TILES);
  let capacity = 1;
  for (let count = 2; count <= most; count++) {
    const grid = tileGrid(count, stage);
    if (grid && grid.width >= MIN_TILE.width && grid.height >= MIN_TILE.height) capacity = count;
  }
  return capacity;
}

/** Where tile `index` of `count` lies. The last row is centred. */
export function tilePlace(grid: TileGrid, index: number, count: number, stage: StageSize): { left: number; top: number } {
  const row = Math.floor(index / grid.cols);
  const inRow = Math.min(grid.cols, count - row * grid.cols);
  const left = (stage.width - span(inRow, grid.width)) / 2 + (index % grid.cols) * (grid.width + TILE_GAP);
  const top = (stage.height - span(grid.rows, grid.height)) / 2 + row * (grid.height + TILE_GAP);
  return { left, top };
}

function span(count: number, size: number): number {
  return count * size + (count - 1) * TILE_GAP;
}
