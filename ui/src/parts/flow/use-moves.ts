/** Moving over a graph: what buttons, keys and searches ask for. */
import { getViewportForBounds, useReactFlow, useStoreApi, type Viewport } from '@xyflow/react'
import { useMemo } from 'react'
import type { Rect } from './scene.ts'

export interface Moves {
  zoomIn(): void
  zoomOut(): void
  /** Shows all of `rect`, no larger than `maxZoom`. */
  show(rect: Rect, options?: ShowOptions & { glide?: boolean }): void
  /** The viewport that {@link show} would give; undefined when there is nothing to show, or nowhere. */
  viewportFor(rect: Rect, options?: ShowOptions): Viewport | undefined
  /** Moves the viewport by pixels of the screen. */
  pan(right: number, down: number): void
}

export interface ShowOptions {
  maxZoom?: number
  /** As a share of the screen; when left out, room for what lies in the corners of a graph. */
  padding?: number
}

const GLIDE_MS = 250
/** In pixels of the screen; more than by what a viewport counts as moved. */
const FIRST_STEP = 2
/** Search, tools and legend stand at the upper and the lower edge. */
const PADDING = { top: '52px', bottom: '52px', x: '24px' } as const

export function useMoves(): Moves {
  const flow = useReactFlow()
  const store = useStoreApi()
  return useMemo(() => {
    const viewportFor: Moves['viewportFor'] = (rect, { maxZoom = 1, padding = PADDING } = {}) => {
      const { width, height, minZoom } = store.getState()
      if (width === 0 || rect.width === 0) return undefined
      return getViewportForBounds(rect, width, height, minZoom, maxZoom, padding)
    }
    /** A glide begins slowly. Its first step is taken at once: a graph that is seen whole would be fitted again, were it resized now. */
    const leave = (): void => {
      const { x, y, zoom } = flow.getViewport()
      void flow.setViewport({ x: x + FIRST_STEP, y, zoom })
    }
    return {
      viewportFor,
      zoomIn: () => void flow.zoomIn(),
      zoomOut: () => void flow.zoomOut(),
      show(rect, { glide = false, ...options } = {}) {
        const viewport = viewportFor(rect, options)
        if (viewport === undefined) return
        if (glide) leave()
        void flow.setViewport(viewport, glide ? { duration: GLIDE_MS } : {})
      },
      pan(right, down) {
        const { x, y, zoom } = flow.getViewport()
        void flow.setViewport({ x: x - right, y: y - down, zoom })
      },
    }
  }, [flow, store])
}
