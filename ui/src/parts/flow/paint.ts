/** Paints a scene: lines always, boxes where there are too many of them to be elements of the page. */

import type { Palette } from '../use-palette.ts'
import type { Direction } from './layout.ts'
import type { Route } from './routes.ts'
import {
  type Box,
  type Line,
  type Rect,
  regionInView,
  routeOfLine,
  type Scene,
  touches,
  type Viewport,
} from './scene.ts'

export interface Screen {
  width: number
  height: number
  /** Pixels of the display per pixel of the page. */
  density: number
}

export interface Painting {
  scene: Scene<unknown>
  viewport: Viewport
  screen: Screen
  palette: Palette
  /** Boxes are painted as well, since they are not elements. */
  crowded: boolean
}

/** Below these zooms there is no use in round corners, in curves, in text, and in lines. */
const ROUND_ZOOM = 0.3
const CURVE_ZOOM = 0.2
const TEXT_ZOOM = 0.35
const LINE_ZOOM = 0.05
/** Below this zoom, arrowheads would be larger than the gaps they stand in. */
const HEAD_ZOOM = 0.15
const HEAD = { length: 9, leastPx: 5, slimness: 0.45 }
/** No box is painted smaller than this. */
const LEAST_PX = 1.5

export function paint(context: CanvasRenderingContext2D, painting: Painting): void {
  const { scene, viewport, screen, palette, crowded } = painting
  const { x, y, zoom } = viewport
  const region = regionInView(viewport, screen)
  const inView = scene.boxes.filter((box) => touches(box, region))
  context.setTransform(screen.density, 0, 0, screen.density, 0, 0)
  context.clearRect(0, 0, screen.width, screen.height)
  context.setTransform(
    screen.density * zoom,
    0,
    0,
    screen.density * zoom,
    screen.density * x,
    screen.density * y,
  )
  const brush: Brush = { context, zoom, palette }
  paintHolders(
    brush,
    inView.filter((box) => box.open),
    crowded,
  )
  if (zoom >= LINE_ZOOM) paintLines(brush, scene.lines, region)
  if (crowded)
    paintLeaves(
      brush,
      inView.filter((box) => !box.open),
    )
}

/** Paints all of a scene into a small rectangle, boxes as spots of their colour. */
export function paintOverview(
  context: CanvasRenderingContext2D,
  { scene, screen, palette, viewport }: Omit<Painting, 'crowded'>,
): void {
  const scale = screen.density * viewport.zoom
  context.setTransform(1, 0, 0, 1, 0, 0)
  context.clearRect(0, 0, screen.width * screen.density, screen.height * screen.density)
  context.setTransform(scale, 0, 0, scale, screen.density * viewport.x, screen.density * viewport.y)
  const holders = scene.boxes.filter((box) => box.open)
  outline({ context, zoom: viewport.zoom, palette }, holders, '--ao-line-strong')
  fillByColor(
    { context, zoom: viewport.zoom, palette },
    scene.boxes.filter((box) => !box.open),
  )
}

// internal

interface Brush {
  context: CanvasRenderingContext2D
  zoom: number
  palette: Palette
}

type AnyBox = Box<unknown>

function paintHolders(brush: Brush, holders: readonly AnyBox[], crowded: boolean): void {
  const { context, palette } = brush
  context.globalAlpha = 0.55
  context.fillStyle = palette('--ao-surface')
  context.beginPath()
  for (const box of holders) addBox(brush, box)
  context.fill()
  context.globalAlpha = 1
  if (!crowded) return
  outline(brush, holders, '--ao-line-strong')
  for (const box of holders) {
    context.fillStyle = palette(box.color)
    context.fillRect(box.x, box.y, box.width, 2)
  }
  for (const box of holders) paintText(brush, box)
  mark(brush, holders)
}

function paintLeaves(brush: Brush, leaves: readonly AnyBox[]): void {
  const { context, zoom, palette } = brush
  context.fillStyle = palette('--ao-surface')
  context.beginPath()
  for (const box of leaves) addBox(brush, box)
  context.fill()
  if (zoom < TEXT_ZOOM) {
    // The smaller a box, the stronger its colour has to be to be seen.
    context.globalAlpha = zoom < ROUND_ZOOM ? 0.8 : 0.45
    fillByColor(brush, leaves)
    context.globalAlpha = 1
  } else for (const box of leaves) paintText(brush, box)
  if (zoom >= ROUND_ZOOM) outline(brush, leaves, '--ao-line-strong')
  if (zoom >= TEXT_ZOOM)
    for (const [color, boxes] of byColor(leaves)) {
      context.fillStyle = palette(color)
      for (const box of boxes) context.fillRect(box.x, box.y + 4, 3, box.height - 8)
    }
  mark(brush, leaves)
}

function paintText({ context, zoom, palette }: Brush, box: AnyBox): void {
  if (zoom < TEXT_ZOOM) return
  context.font = '11px "JetBrains Mono Variable", monospace'
  context.fillStyle = palette('--ao-dim')
  context.fillText(box.label, box.x + 12, box.y + 18)
  context.font = '500 12px "Inter Variable", sans-serif'
  context.fillStyle = palette('--ao-text')
  context.fillText(box.title, box.x + 12, box.y + 34)
}

function fillByColor(brush: Brush, boxes: readonly AnyBox[]): void {
  for (const [color, list] of byColor(boxes)) {
    brush.context.fillStyle = brush.palette(color)
    brush.context.beginPath()
    for (const box of list) addBox(brush, box)
    brush.context.fill()
  }
}

function outline(brush: Brush, boxes: readonly AnyBox[], color: string): void {
  const { context, palette, zoom } = brush
  context.strokeStyle = palette(color)
  context.lineWidth = Math.max(1, 0.6 / zoom)
  context.beginPath()
  for (const box of boxes) addBox(brush, box)
  context.stroke()
}

function mark(brush: Brush, boxes: readonly AnyBox[]): void {
  const { context, palette, zoom } = brush
  context.strokeStyle = palette('--ao-accent')
  context.lineWidth = Math.max(2, 2 / zoom)
  context.beginPath()
  for (const box of boxes) if (box.marked) addBox(brush, box)
  context.stroke()
}

function byColor(boxes: readonly AnyBox[]): Map<string, AnyBox[]> {
  const groups = new Map<string, AnyBox[]>()
  for (const box of boxes) {
    const group = groups.get(box.color)
    if (group === undefined) groups.set(box.color, [box])
    else group.push(box)
  }
  return groups
}

function addBox({ context, zoom }: Brush, { x, y, width, height }: Rect): void {
  const least = LEAST_PX / zoom
  if (zoom < ROUND_ZOOM) context.rect(x, y, Math.max(width, least), Math.max(height, least))
  else context.roundRect(x, y, width, height, 8)
}

function paintLines(brush: Brush, lines: readonly Line[], region: Rect): void {
  const { context, zoom, palette } = brush
  for (const lit of [false, true]) {
    const routes = lines.flatMap((line) => {
      const route = line.lit === lit ? routeOfLine(line) : undefined
      return route !== undefined && touches(spaceOf(route), region) ? [{ route, line }] : []
    })
    context.globalAlpha = lit ? 1 : 0.7
    context.strokeStyle = palette(lit ? '--ao-accent' : '--ao-faint')
    context.fillStyle = context.strokeStyle
    context.lineWidth = Math.max(1.5, 0.8 / zoom)
    context.beginPath()
    for (const { route, line } of routes) addRoute(brush, route, line.direction)
    context.stroke()
    if (zoom < HEAD_ZOOM) continue
    context.beginPath()
    for (const { route, line } of routes) addHead(brush, route, line.direction)
    context.fill()
  }
  context.globalAlpha = 1
}

function addRoute({ context, zoom }: Brush, route: Route, direction: Direction): void {
  let [x = 0, y = 0] = route
  context.moveTo(x, y)
  for (let at = 2; at < route.length; at += 2) {
    const toX = route[at] ?? 0
    const toY = route[at + 1] ?? 0
    if (at % 4 === 2 || zoom < CURVE_ZOOM) context.lineTo(toX, toY)
    else if (direction === 'right') {
      const bend = Math.max(BEND, Math.abs(toX - x) / 2)
      context.bezierCurveTo(x + bend, y, toX - bend, toY, toX, toY)
    } else {
      const bend = Math.max(BEND, Math.abs(toY - y) / 2)
      context.bezierCurveTo(x, y + bend, toX, toY - bend, toX, toY)
    }
    x = toX
    y = toY
  }
}

/** An arrowhead, at the edge of the box that the line leads to. */
function addHead({ context, zoom }: Brush, route: Route, direction: Direction): void {
  const x = route.at(-2) ?? 0
  const y = route.at(-1) ?? 0
  const length = Math.max(HEAD.length, HEAD.leastPx / zoom)
  const half = length * HEAD.slimness
  context.moveTo(x, y)
  if (direction === 'right') {
    context.lineTo(x - length, y - half)
    context.lineTo(x - length, y + half)
  } else {
    context.lineTo(x - half, y - length)
    context.lineTo(x + half, y - length)
  }
  context.closePath()
}

function spaceOf(route: Route): Rect {
  let [left = 0, top = 0] = route
  let [right, bottom] = [left, top]
  for (let at = 2; at < route.length; at += 2) {
    const x = route[at] ?? 0
    const y = route[at + 1] ?? 0
    left = Math.min(left, x)
    right = Math.max(right, x)
    top = Math.min(top, y)
    bottom = Math.max(bottom, y)
  }
  return { x: left - BEND, y: top - BEND, width: right - left + 2 * BEND, height: bottom - top + 2 * BEND }
}

/** How far a line leaves its box before it turns, at least. */
const BEND = 20
