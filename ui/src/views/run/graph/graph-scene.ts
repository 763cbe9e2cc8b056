/** Turns outline, places and the shown moment into the scene that is drawn. Unchanged boxes stay the same objects. */
import type { RunGraph, RunNode } from '../../../../../src/domain/run-graph.ts'
import { isolated, oneLine } from '../../../format/text.ts'
import type { Box, BoxData, Line, Placed, Rect, Scene } from '../../../parts/flow/scene.ts'
import { toneOf } from '../../../parts/tone.ts'
import type { Outline, OutlineNode } from './outline.ts'

export interface TaskData extends BoxData {
  nid: string
  goal: string
  taskType: string
  status: string
  inner: number
  unfolded: boolean
  active: boolean
  selected: boolean
}

export interface SceneQuery {
  outline: Outline
  /** Counted from the origin. */
  places: ReadonlyMap<string, Placed>
  bounds: Rect
  /** The graph at the moment that is shown: what is not in it yet is not drawn. */
  graph: RunGraph
  active: string | undefined
  selected: string | undefined
}

type TaskBox = Box<TaskData>

/** Keeps the boxes of the call before, so that only what changed is rendered again. */
export function createGraphScene(): (query: SceneQuery) => Scene<TaskData> {
  let known = new Map<string, TaskBox>()
  return (query) => {
    const boxes = new Map<string, TaskBox>()
    for (const item of query.outline.nodes.values()) {
      const node = query.graph.nodes.get(item.id)
      const place = query.places.get(item.id)
      if (node === undefined || place === undefined) continue
      const active = query.active === item.id
      const selected = query.selected === item.id
      const before = known.get(item.id)
      const same = before !== undefined && isSame(before, { item, node, place, active, selected })
      const box = same ? before : boxOf({ item, node, place, active, selected })
      // Lines are painted anew in any case; an element need not be.
      box.exits = place.exits
      boxes.set(item.id, box)
    }
    known = boxes
    return { boxes: [...boxes.values()], lines: linesOf(query, boxes), bounds: query.bounds }
  }
}

// internal

interface BoxQuery {
  item: OutlineNode
  node: RunNode
  place: Placed
  active: boolean
  selected: boolean
}

/** As much of a goal as fits a painted box, in characters. */
const TITLE_LENGTH = 28

function isSame(box: TaskBox, { item, node, place, active, selected }: BoxQuery): boolean {
  const { data } = box
  return (
    box.x === place.x &&
    box.y === place.y &&
    box.width === place.width &&
    box.height === place.height &&
    data.status === node.status &&
    data.active === active &&
    data.selected === selected &&
    data.inner === item.inner &&
    data.unfolded === item.unfolded &&
    data.goal === node.goal &&
    data.nid === node.nid &&
    data.taskType === node.taskType
  )
}

function boxOf({ item, node, place, active, selected }: BoxQuery): TaskBox {
  return {
    ...place,
    id: item.id,
    color: `--ao-${toneOf(node.status)}`,
    open: item.unfolded,
    marked: selected,
    label: node.nid || 'root',
    title: isolated(oneLine(node.goal || item.id, TITLE_LENGTH)),
    data: {
      nid: node.nid,
      goal: node.goal,
      taskType: node.taskType,
      status: node.status,
      inner: item.inner,
      unfolded: item.unfolded,
      active,
      selected,
    },
  }
}

function linesOf({ outline, selected }: SceneQuery, boxes: ReadonlyMap<string, TaskBox>): Line[] {
  const lines: Line[] = []
  for (const { source, target } of outline.edges) {
    const from = boxes.get(source)
    const to = boxes.get(target)
    if (from === undefined || to === undefined) continue
    const container = outline.nodes.get(source)?.container
    const direction = container === undefined ? undefined : outline.nodes.get(container)?.direction
    lines.push({
      from,
      to,
      direction: direction ?? 'right',
      lit: selected !== undefined && (selected === source || selected === target),
    })
  }
  return lines
}
