/** A quiet screen or panel without content: what is missing, why, and what to do. */
import type { ReactNode } from 'react'
import styles from './blank.module.css'

interface BlankProps {
  icon?: ReactNode
  title: string
  text?: ReactNode
  children?: ReactNode
}

export function Blank({ icon, title, text, children }: BlankProps) {
  return (
    <div className={styles.blank}>
      {icon !== undefined && <div className={styles.icon}>{icon}</div>}
      <div className={styles.title}>{title}</div>
      {text !== undefined && <div className={styles.text}>{text}</div>}
      {children !== undefined && <div className={styles.actions}>{children}</div>}
    </div>
  )
}
