/** Markdown of an agent. HTML in it is shown as text, images are named but never fetched, links open elsewhere. */
import ReactMarkdown, { type Components } from 'react-markdown'
import remarkGfm from 'remark-gfm'
import styles from './markdown.module.css'

export function Markdown({ text }: { text: string }) {
  return (
    <div className={styles.markdown}>
      <ReactMarkdown remarkPlugins={PLUGINS} components={COMPONENTS}>
        {text}
      </ReactMarkdown>
    </div>
  )
}

// internal

const PLUGINS = [remarkGfm]

const COMPONENTS: Components = {
  a: ({ href, children }) =>
    href === undefined || !/^https?:/i.test(href) ? (
      <span>{children}</span>
    ) : (
      <a href={href} target="_blank" rel="noopener noreferrer nofollow" title={href}>
        {children}
      </a>
    ),
  img: ({ alt, src }) => <span className={styles.image}>Image: {alt || String(src ?? '')}</span>,
  // Headings of a payload are no headings of this page.
  h1: ({ children }) => <p className={styles.heading}>{children}</p>,
  h2: ({ children }) => <p className={styles.heading}>{children}</p>,
  h3: ({ children }) => <p className={styles.heading}>{children}</p>,
  h4: ({ children }) => <p className={styles.heading}>{children}</p>,
  h5: ({ children }) => <p className={styles.heading}>{children}</p>,
  h6: ({ children }) => <p className={styles.heading}>{children}</p>,
  input: ({ checked }) => <span>{checked ? '☑' : '☐'} </span>,
}
