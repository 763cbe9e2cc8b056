import { type ReactFlowState, useStore } from '@xyflow/react'
import { useLayoutEffect, useRef } from 'react'
import { usePalette } from '../use-palette.ts'
import styles from './flow.module.css'
import { paint } from './paint.ts'
import type { Scene } from './scene.ts'

interface SceneCanvasProps {
  scene: Scene<unknown>
  crowded: boolean
}

/** The painted part of a graph, beneath its elements. It is painted in the same commit that moves them. */
export function SceneCanvas({ scene, crowded }: SceneCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const transform = useStore(transformOf)
  const width = useStore(widthOf)
  const height = useStore(heightOf)
  const palette = usePalette()

  useLayoutEffect(() => {
    const context = canvas.current?.getContext('2d')
    if (canvas.current === null || context === null || context === undefined) return
    const density = devicePixelRatio
    fit(canvas.current, Math.round(width * density), Math.round(height * density))
    const [x, y, zoom] = transform
    paint(context, {
      scene,
      crowded,
      palette,
      viewport: { x, y, zoom },
      screen: { width, height, density },
    })
  }, [scene, crowded, palette, transform, width, height])

  return <canvas ref={canvas} className={styles.scene} />
}

// internal

const transformOf = (state: ReactFlowState) => state.transform
const widthOf = (state: ReactFlowState) => state.width
const heightOf = (state: ReactFlowState) => state.height

/** Setting a size, even the same, would empty the canvas and take memory anew. */
function fit(canvas: HTMLCanvasElement, width: number, height: number): void {
  if (canvas.width !== width) canvas.width = width
  if (canvas.height !== height) canvas.height = height
}
