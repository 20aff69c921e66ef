/**
 * A change that waits until the click on a picker's option is over. In Grafana 12.3 Explore updates its toolbar with every
 * change of a query; within the click React counts that as one chain of updates, and gives Explore up as never coming to an end.
 */
export function afterClick<T>(change: (chosen: T) => void): (chosen: T) => void {
  return (chosen) => void setTimeout(() => change(chosen));
}
