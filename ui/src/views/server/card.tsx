import type { ReactNode } from 'react'
import styles from './server.module.css'

interface CardProps {
  title: string
  /** One word on how it is. */
  state?: string
  bad?: boolean
  children: ReactNode
}

export function Card({ title, state, bad = false, children }: CardProps) {
  return (
    <section className={styles.card}>
      <h2>
        {title}
        {state !== undefined && (
          <span className={styles.verdict} data-bad={bad || undefined}>
            {state}
          </span>
        )}
      </h2>
      {children}
    </section>
  )
}

export function Fact({ name, bad = false, children }: { name: string; bad?: boolean; children: ReactNode }) {
  return (
    <div className={styles.fact} data-bad={bad || undefined}>
      <span>{name}</span>
      <b className="num">{children}</b>
    </div>
  )
}
