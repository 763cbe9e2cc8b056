/** Turns an experiment's graph into the scene that is drawn. Unchanged boxes stay the same objects. */
import type { DataflowGraphAnswer } from '../../../../src/wire/experiment-api.ts'
import { isolated, oneLine } from '../../format/text.ts'
import { type Box, type BoxData, boundsOf, type Rect, type Scene } from '../../parts/flow/scene.ts'
import { safeColor } from '../home/home-row.tsx'
import { callSource } from './call-facts.ts'
import { previewOf } from './shown-text.ts'

export interface CallData extends BoxData {
  place: number
  label: string
  model: string
  preview: string
  color: string
  edited: boolean
  /** An edit of it was typed and not saved. */
  unsaved: boolean
  selected: boolean
  /** Where the answer came from; undefined where the recorder does not say. */
  source: string | undefined
}

export interface DataflowQuery {
  graph: DataflowGraphAnswer
  places: ReadonlyMap<string, Rect>
  selected: string | undefined
  edited: ReadonlySet<string>
  unsaved: ReadonlySet<string>
}

/** Keeps what was read of each call: outputs are long, and a news of one call brings all of them again. */
export function createDataflowScene(): (query: DataflowQuery) => Scene<CallData> {
  const known = new WeakMap<CallNode, Box<CallData>>()
  return ({ graph, places, selected, edited, unsaved }) => {
    const boxes = new Map<string, Box<CallData>>()
    graph.nodes.forEach((node, index) => {
      const place = places.get(node.id)
      if (place === undefined) return
      const flags = {
        place: index + 1,
        edited: edited.has(node.id),
        unsaved: unsaved.has(node.id),
        selected: selected === node.id,
      }
      const before = known.get(node)
      const box = before !== undefined && isSame(before, place, flags) ? before : boxOf(node, place, flags)
      known.set(node, box)
      boxes.set(node.id, box)
    })
    const lines = graph.edges.flatMap(({ source, target }) => {
      const from = boxes.get(source)
      const to = boxes.get(target)
      if (from === undefined || to === undefined) return []
      return [{ from, to, direction: 'down' as const, lit: selected === source || selected === target }]
    })
    return { boxes: [...boxes.values()], lines, bounds: boundsOf(boxes.values()) }
  }
}

// internal

type CallNode = DataflowGraphAnswer['nodes'][number]
type Flags = Pick<CallData, 'place' | 'edited' | 'unsaved' | 'selected'>

/** As much of a label as fits a painted box, in characters. */
const TITLE_LENGTH = 28

function isSame(box: Box<CallData>, at: Rect, flags: Flags): boolean {
  const { data } = box
  return (
    box.x === at.x &&
    box.y === at.y &&
    data.place === flags.place &&
    data.edited === flags.edited &&
    data.unsaved === flags.unsaved &&
    data.selected === flags.selected
  )
}

function boxOf(node: CallNode, at: Rect, flags: Flags): Box<CallData> {
  const label = textOr(node.label, 'LLM call')
  return {
    ...at,
    id: node.id,
    color: '--ao-plan',
    open: false,
    marked: flags.selected,
    label: String(flags.place),
    title: isolated(oneLine(label, TITLE_LENGTH)),
    data: {
      ...flags,
      label,
      model: textOr(node.model, ''),
      preview: oneLine(previewOf(node.output), 120),
      color: safeColor(textOr(node.border_color, '')),
      source: callSource(node),
    },
  }
}

function textOr(value: unknown, fallback: string): string {
  return typeof value === 'string' && value !== '' ? value : fallback
}
