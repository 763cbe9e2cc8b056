/** What a graph view draws, whatever the graph is of: boxes at absolute places, and the lines between them. Pure. */
import type { Direction, Place } from './layout.ts'
import { moved, type Route } from './routes.ts'

export interface Rect {
  x: number
  y: number
  width: number
  height: number
}

/** A rectangle with the ways of the lines that leave it, by the id of the box they lead to. */
export interface Placed extends Rect {
  exits?: ReadonlyMap<string, Route> | undefined
}

/** The element kit asks for a type of this form. */
export type BoxData = Record<string, unknown>

/** `Data` is what the box shows when it is large enough to be read. An unchanged box stays the same object. */
export interface Box<Data> extends Placed {
  id: string
  /** Name of the colour variable that it is painted with from afar. */
  color: string
  /** Other boxes lie in it. */
  open: boolean
  marked: boolean
  label: string
  title: string
  data: Data
}

export interface Line {
  from: Box<unknown>
  to: Box<unknown>
  direction: Direction
  lit: boolean
}

export interface Scene<Data> {
  /** Those that hold others come before what lies in them. */
  boxes: Box<Data>[]
  lines: Line[]
  /** Room of all places, those included whose box is not in the scene now. */
  bounds: Rect
}

export interface Viewport {
  x: number
  y: number
  zoom: number
}

export const NOWHERE: Rect = { x: 0, y: 0, width: 0, height: 0 }

/** Places count from their container; this counts all of them from the origin. Containers come first. */
export function absolutePlaces(
  items: Iterable<{ id: string; container: string | undefined }>,
  places: ReadonlyMap<string, Place>,
): Map<string, Placed> {
  const absolute = new Map<string, Placed>()
  for (const { id, container } of items) {
    const place = places.get(id)
    const origin = container === undefined ? NOWHERE : absolute.get(container)
    if (place === undefined || origin === undefined) continue
    absolute.set(id, {
      x: origin.x + place.x,
      y: origin.y + place.y,
      width: place.width,
      height: place.height,
      ...(place.exits === undefined ? {} : { exits: movedAll(place.exits, origin) }),
    })
  }
  return absolute
}

export function boundsOf(rects: Iterable<Rect>): Rect {
  let left = Number.POSITIVE_INFINITY
  let top = Number.POSITIVE_INFINITY
  let right = Number.NEGATIVE_INFINITY
  let bottom = Number.NEGATIVE_INFINITY
  for (const { x, y, width, height } of rects) {
    left = Math.min(left, x)
    top = Math.min(top, y)
    right = Math.max(right, x + width)
    bottom = Math.max(bottom, y + height)
  }
  return left > right ? NOWHERE : { x: left, y: top, width: right - left, height: bottom - top }
}

/** The part of the plane that a screen of this size shows. */
export function regionInView({ x, y, zoom }: Viewport, size: { width: number; height: number }): Rect {
  return { x: -x / zoom, y: -y / zoom, width: size.width / zoom, height: size.height / zoom }
}

/** The region grown to whole tiles, which are coarser from further away, so that moving rarely changes it. */
export function tiled(region: Rect, zoom: number): Rect {
  const tile = 2 ** Math.ceil(Math.log2(TILE_PX / zoom))
  const x = Math.floor(region.x / tile) * tile
  const y = Math.floor(region.y / tile) * tile
  return {
    x,
    y,
    width: Math.ceil((region.x + region.width) / tile) * tile - x,
    height: Math.ceil((region.y + region.height) / tile) * tile - y,
  }
}

export function touches(a: Rect, b: Rect): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
}

/**
 * The way of a line in straight pieces with bends between them; see {@link Route}. A layout knows ways only between boxes of
 * one container, and only as long as both stand where it put them.
 */
export function routeOfLine({ from, to, direction }: Line): Route {
  const across = direction === 'right'
  const startX = across ? from.x + from.width : from.x + from.width / 2
  const startY = across ? from.y + from.height / 2 : from.y + from.height
  const endX = across ? to.x : to.x + to.width / 2
  const endY = across ? to.y + to.height / 2 : to.y
  const route = from.exits?.get(to.id)
  const isThere =
    route !== undefined &&
    isNear(route[0], startX) &&
    isNear(route[1], startY) &&
    isNear(route.at(-2), endX) &&
    isNear(route.at(-1), endY)
  return isThere ? route : [startX, startY, startX, startY, endX, endY, endX, endY]
}

export function holds(outer: Rect, inner: Rect): boolean {
  return (
    outer.x <= inner.x &&
    outer.y <= inner.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  )
}

/** The innermost box at a point. */
export function boxAt<Data>(boxes: readonly Box<Data>[], x: number, y: number): Box<Data> | undefined {
  return boxes.findLast((box) => touches(box, { x, y, width: 0, height: 0 }))
}

// internal

const TILE_PX = 256

/** Places are whole numbers, middles are not. */
function isNear(a: number | undefined, b: number): boolean {
  return a !== undefined && Math.abs(a - b) <= 1
}

function movedAll(routes: ReadonlyMap<string, Route>, { x, y }: Rect): ReadonlyMap<string, Route> {
  return new Map([...routes].map(([id, route]) => [id, moved(route, x, y)]))
}
