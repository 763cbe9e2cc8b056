/** The graph of LLM calls: an edge means that an output went into an input. */
import type { NodeProps } from '@xyflow/react'
import { Pencil } from 'lucide-react'
import { createContext, memo, use, useMemo, useState } from 'react'
import type { DataflowGraphAnswer } from '../../../../src/wire/experiment-api.ts'
import { type BoxNode, FlowCanvas } from '../../parts/flow/flow-canvas.tsx'
import { FlowTools } from '../../parts/flow/flow-tools.tsx'
import { LEAF } from '../../parts/flow/layout.ts'
import { useLayout } from '../../parts/flow/use-layout.ts'
import styles from './dataflow.module.css'
import { type CallData, createDataflowScene } from './dataflow-scene.ts'

interface DataflowViewProps {
  graph: DataflowGraphAnswer
  selected: string | undefined
  edited: ReadonlySet<string>
  /** The calls with an edit that was typed and not saved. */
  unsaved: ReadonlySet<string>
  open: (call: string) => void
}

export function DataflowView({ graph, selected, edited, unsaved, open }: DataflowViewProps) {
  const request = useLayoutRequest(graph)
  const places = useLayout(request)
  const [sceneOf] = useState(createDataflowScene)
  const scene = useMemo(
    () => sceneOf({ graph, places, selected, edited, unsaved }),
    [sceneOf, graph, places, selected, edited, unsaved],
  )
  return (
    <OpenCall value={open}>
      <FlowCanvas
        label="Graph of LLM calls"
        scene={scene}
        nodeTypes={NODE_TYPES}
        maxZoom={1.6}
        start={selected ?? graph.nodes[0]?.id}
        open={open}
      >
        <FlowTools bounds={scene.bounds} />
      </FlowCanvas>
    </OpenCall>
  )
}

// internal

const OpenCall = createContext<(call: string) => void>(() => {})
const NODE_TYPES = { box: memo(CallBox) }
const HEIGHT = 74

function useLayoutRequest(graph: DataflowGraphAnswer) {
  const shape = `${graph.nodes.map((node) => node.id).join(' ')}|${graph.edges.map((edge) => edge.id).join(' ')}`
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new answer with the same shape needs no new layout
  return useMemo(
    () => ({
      nodes: graph.nodes.map(({ id }) => ({
        id,
        container: undefined,
        inside: [],
        direction: 'down' as const,
      })),
      edges: graph.edges,
      direction: 'down' as const,
      leaf: { ...LEAF, height: HEIGHT },
    }),
    [shape],
  )
}

function CallBox({ id, data }: NodeProps<BoxNode<CallData>>) {
  const open = use(OpenCall)
  return (
    <button
      type="button"
      className={styles.call}
      data-selected={data.selected || undefined}
      style={{ borderTopColor: data.color }}
      onClick={() => open(id)}
    >
      <span className={styles.head}>
        <span className="num faint">{data.place}</span>
        <b className="cut" dir="auto">
          {data.label}
        </b>
        {data.edited && <Pencil size={11} aria-label="edited" />}
        {data.unsaved && <span className={styles.unsaved}>draft</span>}
        {data.model !== '' && data.model !== data.label && (
          <span className="mono faint cut">{data.model}</span>
        )}
        {data.source !== undefined && <span className={styles.source}>{data.source}</span>}
      </span>
      <span className={styles.preview} dir="auto">
        {data.preview || 'No output'}
      </span>
    </button>
  )
}
