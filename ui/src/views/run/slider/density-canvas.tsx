import { useResizeObserver } from '@mantine/hooks'
import { useEffect, useRef } from 'react'
import { type Palette, usePalette } from '../../../parts/use-palette.ts'
import { useRun } from '../run-context.ts'
import { type DensityBin, densityOf } from './density.ts'
import styles from './slider.module.css'

const BIN_PX = 3
/** The chart is redrawn when the run has grown by this share; in between it only stretches. */
const GROWTH = 1.02

export function DensityCanvas() {
  const { log, version } = useRun()
  const [wrap, { width, height }] = useResizeObserver<HTMLDivElement>()
  const canvas = useRef<HTMLCanvasElement>(null)
  const palette = usePalette()
  const drawn = useRef<{ head: number; key: string; palette?: Palette }>({ head: 0, key: '' })

  // biome-ignore lint/correctness/useExhaustiveDependencies: the log changes in place, so its version tells of changes
  useEffect(() => {
    const key = `${width} ${height} ${log.base} ${log.runId}`
    if (canvas.current === null || width < 10 || log.head === 0) return
    const isSame = key === drawn.current.key && palette === drawn.current.palette
    if (isSame && log.head < drawn.current.head * GROWTH) return
    drawn.current = { head: log.head, key, palette }
    draw(canvas.current, { width, height }, densityOf(log, Math.floor(width / BIN_PX)), palette)
  }, [log, version, width, height, palette])

  return (
    <div ref={wrap} className={styles.density} aria-hidden="true">
      <canvas ref={canvas} />
    </div>
  )
}

// internal

function draw(
  canvas: HTMLCanvasElement,
  size: { width: number; height: number },
  bins: DensityBin[],
  color: Palette,
): void {
  const scale = devicePixelRatio
  canvas.width = size.width * scale
  canvas.height = size.height * scale
  canvas.style.width = `${size.width}px`
  canvas.style.height = `${size.height}px`
  const context = canvas.getContext('2d')
  if (context === null) return
  context.scale(scale, scale)
  const most = Math.max(1, ...bins.map(weight))
  const step = size.width / bins.length
  bins.forEach((bin, index) => {
    let y = size.height
    const layers: [number, string][] = [
      [bin.other, color('--ao-line-strong')],
      [bin.node, color('--ao-run')],
      [bin.tool, color('--ao-tool')],
      [bin.llm, color('--ao-plan')],
    ]
    for (const [count, fill] of layers) {
      const tall = (count / most) * (size.height - 5)
      context.globalAlpha = 0.5
      context.fillStyle = fill
      context.fillRect(index * step, y - tall, Math.max(1, step - 1), tall)
      y -= tall
    }
    if (bin.errors === 0) return
    context.globalAlpha = 1
    context.fillStyle = color('--ao-fail')
    context.fillRect(index * step, 0, Math.max(2, step - 1), 3)
  })
}

function weight(bin: DensityBin): number {
  return bin.llm + bin.tool + bin.node + bin.other
}
