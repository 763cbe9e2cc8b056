/**
 * What any table of text costs in this browser on this machine: rows that are used again and get new text as the table is scrolled, by
 * the page's own means alone. As many rows, columns and letters as the events of a run have in the same window.
 */
export const BARE_TABLE = `<!doctype html>
<meta charset="utf-8">
<title>A bare table</title>
<style>
  body { margin: 0; font: 12.5px sans-serif; background: #16181d; color: #d7dae0 }
  #scroller { height: 100vh; overflow: auto }
  #rows { position: relative }
  .row {
    position: absolute; inset: 0 0 auto; height: 28px; display: grid; align-items: center; column-gap: 12px;
    grid-template-columns: 60px 90px 190px 80px 1fr; border-bottom: 1px solid #2a2d34
  }
  .row span { overflow: hidden; white-space: nowrap; text-overflow: ellipsis }
</style>
<div id="scroller"><div id="rows"></div></div>
<script>
  const HEIGHT = 28
  const COUNT = 100_000
  const TYPES = ['llm_call_started', 'llm_call_completed', 'tool_invoked', 'tool_returned', 'node_status_changed']
  const scroller = document.getElementById('scroller')
  const rows = document.getElementById('rows')
  rows.style.height = COUNT * HEIGHT + 'px'
  const slots = Array.from({ length: Math.ceil(innerHeight / HEIGHT) + 17 }, () => {
    const row = document.createElement('div')
    row.className = 'row'
    for (let cell = 0; cell < 5; cell += 1) row.append(document.createElement('span'))
    rows.append(row)
    return { row, cells: [...row.children], index: -1 }
  })
  function textsOf(index) {
    const time = new Date(index * 137).toISOString().slice(11, 23)
    const what = 'Executor called sample-1 for step ' + index + ' with ' + index * 7 % 977 + ' tokens after ' + index % 89 + ' ms'
    return [String(COUNT - index), time, TYPES[index % TYPES.length], '1.' + index % 97 + '.' + index % 13, what]
  }
  function show() {
    const first = Math.max(0, Math.floor(scroller.scrollTop / HEIGHT) - 8)
    for (let index = first; index < Math.min(COUNT, first + slots.length); index += 1) {
      const slot = slots[index % slots.length]
      if (slot.index === index) continue
      slot.index = index
      slot.row.style.transform = 'translateY(' + index * HEIGHT + 'px)'
      textsOf(index).forEach((text, cell) => { slot.cells[cell].textContent = text })
    }
  }
  scroller.addEventListener('scroll', show)
  show()
</script>`
