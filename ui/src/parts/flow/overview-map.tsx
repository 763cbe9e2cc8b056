import { Panel, type ReactFlowState, useReactFlow, useStore } from '@xyflow/react'
import { useLayoutEffect, useRef } from 'react'
import { usePalette } from '../use-palette.ts'
import styles from './flow.module.css'
import { paintOverview } from './paint.ts'
import { holds, regionInView, type Scene, type Viewport } from './scene.ts'

const SIZE = { width: 200, height: 140 }
const MARGIN = 8

/**
 * The whole graph in a corner, with a frame around what is in view; dragging in it moves the view. While all is in view
 * there is nothing to tell, and it would only cover boxes.
 */
export function OverviewMap({ scene }: { scene: Scene<unknown> }) {
  const flow = useReactFlow()
  const canvas = useRef<HTMLCanvasElement>(null)
  const palette = usePalette()
  const { bounds } = scene
  const map = mapOf(bounds)
  const needed = useStore(
    ({ transform: [x, y, zoom], width, height }: ReactFlowState) =>
      !holds(regionInView({ x, y, zoom }, { width, height }), bounds),
  )

  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d')
    if (context === null || context === undefined) return
    const screen = { ...SIZE, density: devicePixelRatio }
    paintOverview(context, { scene, palette, screen, viewport: mapOf(scene.bounds) })
  }, [scene, palette])

  function moveTo(event: React.PointerEvent): void {
    const box = event.currentTarget.getBoundingClientRect()
    const x = (event.clientX - box.left - map.x) / map.zoom
    const y = (event.clientY - box.top - map.y) / map.zoom
    void flow.setCenter(x, y, { zoom: flow.getZoom() })
  }

  return (
    <Panel position="bottom-right" className={styles.map ?? ''} data-needed={needed || undefined}>
      <div
        className={styles.mapArea}
        style={SIZE}
        role="img"
        aria-label="Overview of the graph"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId)
          moveTo(event)
        }}
        onPointerMove={(event) => {
          if (event.currentTarget.hasPointerCapture(event.pointerId)) moveTo(event)
        }}
      >
        <canvas
          ref={canvas}
          width={SIZE.width * devicePixelRatio}
          height={SIZE.height * devicePixelRatio}
          style={SIZE}
        />
        <Frame map={map} />
      </div>
    </Panel>
  )
}

// internal

/** Where the bounds lie in the map. */
function mapOf({ x, y, width, height }: Scene<unknown>['bounds']): Viewport {
  const zoom = Math.min(
    (SIZE.width - 2 * MARGIN) / Math.max(1, width),
    (SIZE.height - 2 * MARGIN) / Math.max(1, height),
  )
  return {
    zoom,
    x: (SIZE.width - width * zoom) / 2 - x * zoom,
    y: (SIZE.height - height * zoom) / 2 - y * zoom,
  }
}

function Frame({ map }: { map: Viewport }) {
  const [x, y, zoom] = useStore((state: ReactFlowState) => state.transform)
  const width = useStore((state: ReactFlowState) => state.width)
  const height = useStore((state: ReactFlowState) => state.height)
  const shown = regionInView({ x, y, zoom }, { width, height })
  return (
    <i
      className={styles.frame}
      style={{
        transform: `translate(${shown.x * map.zoom + map.x}px, ${shown.y * map.zoom + map.y}px)`,
        width: shown.width * map.zoom,
        height: shown.height * map.zoom,
      }}
    />
  )
}
