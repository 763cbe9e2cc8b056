/**
 * A graph to move over: the frame that every graph view shares. Boxes in sight are elements as long as they are few
 * enough to be read; beyond that the scene is painted. So a graph of any size costs what a screen of it costs.
 */
import '@xyflow/react/dist/style.css'
import {
  Background,
  BackgroundVariant,
  type Node,
  type NodeTypes,
  ReactFlow,
  ReactFlowProvider,
  type ReactFlowState,
  useReactFlow,
  useStore,
} from '@xyflow/react'
import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import { useViewKeys } from '../use-view-keys.ts'
import styles from './flow.module.css'
import { OverviewMap } from './overview-map.tsx'
import {
  type Box,
  type BoxData,
  boxAt,
  type Rect,
  regionInView,
  type Scene,
  tiled,
  touches,
  type Viewport,
} from './scene.ts'
import { SceneCanvas } from './scene-canvas.tsx'
import { useMoves } from './use-moves.ts'

export type BoxNode<Data extends BoxData> = Node<Data, 'box'>

export interface FlowCanvasProps<Data extends BoxData> {
  label: string
  scene: Scene<Data>
  /** Has the component of a {@link BoxNode} under `box`. Give the same object each time. */
  nodeTypes: NodeTypes
  maxZoom: number
  /** The box to begin at when the whole graph would be too small to read; without one the whole graph is shown all the same. */
  start?: string | undefined
  /** What the viewer has folded and unfolded: such a change is looked at where it was made. */
  folding?: string | undefined
  /** A painted box was clicked. */
  open: (id: string) => void
  children?: ReactNode
}

export function FlowCanvas<Data extends BoxData>(props: FlowCanvasProps<Data>) {
  return (
    <ReactFlowProvider>
      <Canvas {...props} />
    </ReactFlowProvider>
  )
}

// internal

/** More boxes than this are not mounted. From afar, where nothing is read, fewer are. */
const MOUNTED_MAX = { near: 160, far: 100 }
/** So many new ones fit into a frame. */
const MOUNTED_AT_ONCE = 16
/** A graph that is seen whole needs no map. */
const MAP_FROM = 13
const MIN_ZOOM = 0.002
/** How near a graph begins that is too wide to be read whole. */
const START_ZOOM = 0.7
/** Below this zoom, titles cannot be read and only colours are shown. */
const FAR_ZOOM = 0.35

function Canvas<Data extends BoxData>(props: FlowCanvasProps<Data>) {
  const { label, scene, nodeTypes, maxZoom, start, folding, open, children } = props
  const far = useStore((state: ReactFlowState) => state.transform[2] < FAR_ZOOM)
  const { nodes, crowded } = useMounted(scene, far)
  const moves = useMoves()
  const keys = useViewKeys((move) => {
    if (move.kind === 'pan') moves.pan(move.right, move.down)
    else if (move.kind === 'all') moves.show(scene.bounds)
    else if (move.closer) moves.zoomIn()
    else moves.zoomOut()
    return true
  })
  useFit(scene.bounds, start === undefined ? undefined : scene.boxes.find(({ id }) => id === start), folding)
  const flow = useReactFlow()

  function boxUnder(event: React.MouseEvent): Box<Data> | undefined {
    if (!crowded) return undefined
    const { x, y } = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY })
    return boxAt(scene.boxes, x, y)
  }

  return (
    <div
      className={styles.canvas}
      role="group"
      aria-label={label}
      tabIndex={0}
      data-far={far || undefined}
      {...keys}
    >
      <ReactFlow
        nodes={nodes}
        nodeTypes={nodeTypes}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        elementsSelectable={false}
        minZoom={MIN_ZOOM}
        maxZoom={maxZoom}
        zoomOnDoubleClick={false}
        disableKeyboardA11y
        onPaneClick={(event) => {
          const box = boxUnder(event)
          if (box !== undefined) open(box.id)
        }}
      >
        <Background variant={BackgroundVariant.Dots} gap={22} size={1} color="var(--ao-line-strong)" />
        <SceneCanvas scene={scene} crowded={crowded} />
        {scene.boxes.length >= MAP_FROM && <OverviewMap scene={scene} />}
        {children}
      </ReactFlow>
    </div>
  )
}

interface Mounted<Data extends BoxData> {
  nodes: BoxNode<Data>[]
  /** Not all that is in sight is an element, or not yet: it has to be painted. */
  crowded: boolean
}

/** The elements of what is in sight; none when that is too much. New ones come a few a frame. */
function useMounted<Data extends BoxData>(scene: Scene<Data>, far: boolean): Mounted<Data> {
  const key = useStore(regionKey)
  const [made] = useState(() => new WeakMap<Box<Data>, BoxNode<Data>>())
  const there = useRef<ReadonlySet<string>>(new Set())
  const [turn, setTurn] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another turn lets more of the same boxes in
  const mounted = useMemo(() => {
    const region = regionFrom(key)
    const inSight = scene.boxes.filter((box) => touches(box, region))
    if (inSight.length > (far ? MOUNTED_MAX.far : MOUNTED_MAX.near)) return { nodes: [], crowded: true }
    const late = new Set(inSight.filter(({ id }) => !there.current.has(id)).slice(MOUNTED_AT_ONCE))
    const nodes = inSight.flatMap((box) => {
      if (late.has(box)) return []
      const node = made.get(box) ?? nodeOf(box)
      made.set(box, node)
      return [node]
    })
    return { nodes, crowded: late.size > 0 }
  }, [scene, key, far, made, turn])
  useEffect(() => {
    there.current = new Set(mounted.nodes.map(({ id }) => id))
    if (mounted.nodes.length === 0 || !mounted.crowded) return
    const frame = requestAnimationFrame(() => setTurn((before) => before + 1))
    return () => cancelAnimationFrame(frame)
  }, [mounted])
  return mounted
}

/** Sizes are given, so that the kit does not measure what was laid out already. */
function nodeOf<Data extends BoxData>({ id, x, y, width, height, data }: Box<Data>): BoxNode<Data> {
  const size = { width, height }
  return { id, type: 'box', position: { x, y }, ...size, measured: size, data }
}

function regionKey({ transform: [x, y, zoom], width, height }: ReactFlowState): string {
  const region = tiled(regionInView({ x, y, zoom }, { width, height }), zoom)
  return `${region.x} ${region.y} ${region.width} ${region.height}`
}

function regionFrom(key: string): Rect {
  const [x = 0, y = 0, width = 0, height = 0] = key.split(' ').map(Number)
  return { x, y, width, height }
}

/**
 * Shows the whole graph, or at first the box to start at when nothing could be read in the whole. As long as the viewer
 * stays with the whole, it is shown as it grows; after that the viewport is the viewer's own.
 */
function useFit(bounds: Rect, start: Rect | undefined, folding: string | undefined): void {
  const { show, viewportFor } = useMoves()
  const flow = useReactFlow()
  const before = useRef<{ whole: Viewport; folding: string | undefined }>(undefined)
  const width = useStore((state: ReactFlowState) => state.width)
  const height = useStore((state: ReactFlowState) => state.height)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another size of the screen is fitted as well
  useEffect(() => {
    const whole = viewportFor(bounds)
    const last = before.current
    before.current = whole === undefined ? undefined : { whole, folding }
    if (whole === undefined) return
    if (last === undefined && start !== undefined && width / bounds.width < FAR_ZOOM)
      show(start, { maxZoom: START_ZOOM })
    else if (last === undefined || (last.folding === folding && isSame(flow.getViewport(), last.whole)))
      show(bounds)
  }, [bounds, start, folding, width, height, show, viewportFor, flow])
}

function isSame(a: Viewport, b: Viewport): boolean {
  return Math.abs(a.x - b.x) < 1 && Math.abs(a.y - b.y) < 1 && Math.abs(a.zoom / b.zoom - 1) < 0.001
}
