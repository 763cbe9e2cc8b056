import type { NodeProps } from '@xyflow/react'
import { Minus, Plus } from 'lucide-react'
import { createContext, memo, use } from 'react'
import { plural } from '../../../format/text.ts'
import type { BoxNode } from '../../../parts/flow/flow-canvas.tsx'
import { readable } from '../../../parts/status.tsx'
import { toneOf } from '../../../parts/tone.ts'
import styles from './graph.module.css'
import type { TaskData } from './graph-scene.ts'

/** What a node on the canvas can ask for. */
export interface TaskActions {
  toggle(id: string): void
  open(id: string): void
}

export const TaskActionsContext = createContext<TaskActions>({ toggle: () => {}, open: () => {} })

export const TaskNode = memo(function TaskNode({ id, data }: NodeProps<BoxNode<TaskData>>) {
  const actions = use(TaskActionsContext)
  return (
    <div
      className={styles.node}
      data-tone={toneOf(data.status)}
      data-unfolded={data.unfolded || undefined}
      data-active={data.active || undefined}
      data-selected={data.selected || undefined}
    >
      <div className={styles.title}>
        <button
          type="button"
          className={styles.open}
          onClick={() => actions.open(id)}
          title={`${data.goal}\n${readable(data.status)}`}
        >
          <span className={styles.line}>
            <i className={styles.dot} />
            <span className="mono">{data.nid || 'root'}</span>
            <span className={styles.kind}>{data.taskType.toLowerCase()}</span>
          </span>
          <span className={styles.goal} dir="auto">
            {data.goal || id}
          </span>
        </button>
        {data.inner > 0 && (
          <button
            type="button"
            className={styles.toggle}
            aria-expanded={data.unfolded}
            aria-label={`${data.unfolded ? 'Fold' : 'Unfold'} ${data.nid || 'root'}, ${plural(data.inner, 'inner node')}`}
            title={`${data.unfolded ? 'Fold' : 'Unfold'} ${plural(data.inner, 'inner node')}`}
            onClick={() => actions.toggle(id)}
          >
            {data.unfolded ? <Minus size={11} /> : <Plus size={11} />}
            {data.inner}
          </button>
        )}
      </div>
    </div>
  )
})
