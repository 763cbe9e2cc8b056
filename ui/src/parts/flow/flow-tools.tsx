import { ActionIcon, Tooltip } from '@mantine/core'
import { Panel } from '@xyflow/react'
import { Maximize2, ZoomIn, ZoomOut } from 'lucide-react'
import type { ReactNode } from 'react'
import styles from './flow.module.css'
import type { Rect } from './scene.ts'
import { useMoves } from './use-moves.ts'

/** Buttons in the corner of a graph: those of the view, then the ones that every graph has. */
export function FlowTools({ bounds, children }: { bounds: Rect; children?: ReactNode }) {
  const moves = useMoves()
  return (
    <Panel position="top-right" className={styles.tools ?? ''}>
      {children}
      <FlowTool label="Zoom in" icon={<ZoomIn size={15} />} run={moves.zoomIn} />
      <FlowTool label="Zoom out" icon={<ZoomOut size={15} />} run={moves.zoomOut} />
      <FlowTool label="Show the whole graph" icon={<Maximize2 size={15} />} run={() => moves.show(bounds)} />
    </Panel>
  )
}

export function FlowTool({ label, icon, run }: { label: string; icon: ReactNode; run: () => void }) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="default" size={28} aria-label={label} onClick={run}>
        {icon}
      </ActionIcon>
    </Tooltip>
  )
}
