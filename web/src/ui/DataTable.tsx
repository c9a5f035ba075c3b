import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useRef } from "react";
import { useText } from "~/i18n/text";
import styles from "./DataTable.module.css";
import { Icon } from "./Icon";
import { useNarrow } from "./useNarrow";
import { useRowKeys } from "./useRowKeys";

export interface Column<Row> {
  key: string;
  title: string;
  /** A track of a CSS grid, like `minmax(200px, 2fr)` or `120px`. */
  width: string;
  cell: (row: Row) => ReactNode;
  /** What to sort by when the heading is pressed; without it the column is not sortable. */
  sort?: string;
  align?: "start" | "end";
  /** The same on narrow screens, if it differs there. */
  narrow?: string;
  /** Left out on narrow screens. */
  spare?: boolean;
}

export interface Sorting {
  by: string;
  descending: boolean;
}

export interface Selection {
  chosen: ReadonlySet<string>;
  onChange: (chosen: ReadonlySet<string>) => void;
}

interface Props<Row> {
  label: string;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  idOf: (row: Row) => string;
  nameOf: (row: Row) => string;
  sorting?: Sorting;
  onSort?: (sorting: Sorting) => void;
  selection?: Selection;
  /** Called when the reader comes near the end. */
  onEnd?: () => void;
  /** As high as its rows, for a few of them within a page. */
  short?: boolean;
}

const ROW = 34;
const SOON = 15;

/** A list of any length as a table: only the rows in sight exist. It fills the height that is left on a page that fills the window. */
export function DataTable<Row>(props: Props<Row>) {
  const { label, rows, idOf, selection, onEnd } = props;
  const narrow = useNarrow();
  const columns = narrow ? props.columns.filter((column) => !column.spare) : props.columns;
  const body = useRef<HTMLDivElement>(null);
  const rowKeys = useRowKeys({
    body,
    count: rows.length,
    show: (index) => virtual.scrollToIndex(index),
    toggle: selection && ((index) => rows[index] && selection.onChange(toggled(selection.chosen, idOf(rows[index])))),
  });
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => body.current,
    estimateSize: () => ROW,
    overscan: 15,
    // The row that has the focus stays, however far somebody scrolls.
    rangeExtractor: (range) => withRow(defaultRangeExtractor(range), rowKeys.current(), range.count),
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - SOON) onEnd?.();
  }, [last, rows.length, onEnd]);
  const tracks = [
    ...(selection ? ["38px"] : []),
    ...columns.map(({ width, narrow: less }) => (narrow ? (less ?? width) : width)),
  ].join(" ");
  return (
    <div
      className={styles["table"]}
      data-short={props.short}
      role="table"
      aria-label={label}
      aria-rowcount={rows.length + 1}
    >
      <Head {...props} columns={columns} tracks={tracks} />
      <div ref={body} className={styles["body"]} role="rowgroup" data-rows onKeyDown={rowKeys.onKeyDown}>
        <div className={styles["space"]} style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const row = rows[item.index];
            if (row === undefined) return null;
            return (
              <div
                key={idOf(row)}
                className={styles["row"]}
                role="row"
                aria-rowindex={item.index + 2}
                data-row={item.index}
                tabIndex={-1}
                data-selected={selection?.chosen.has(idOf(row))}
                style={{ gridTemplateColumns: tracks, transform: `translateY(${item.start}px)` }}
              >
                <Cells {...props} columns={columns} row={row} />
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function withRow(rows: number[], row: number | null, count: number): number[] {
  if (row === null || row >= count || rows.includes(row)) return rows;
  return [...rows, row].sort((one, other) => one - other);
}

function toggled(chosen: ReadonlySet<string>, id: string): ReadonlySet<string> {
  const next = new Set(chosen);
  if (!next.delete(id)) next.add(id);
  return next;
}

function Head<Row>({ rows, columns, idOf, sorting, onSort, selection, tracks }: Props<Row> & { tracks: string }) {
  const text = useText();
  const all = rows.length > 0 && rows.every((row) => selection?.chosen.has(idOf(row)));
  return (
    <div className={styles["head"]} role="row" aria-rowindex={1} style={{ gridTemplateColumns: tracks }}>
      {selection ? (
        <span role="columnheader" className={styles["cell"]}>
          <input
            type="checkbox"
            aria-label={text.common.selectAll}
            checked={all}
            onChange={() => selection.onChange(all ? new Set() : new Set(rows.map(idOf)))}
          />
        </span>
      ) : null}
      {columns.map((column) => {
        const by = column.sort;
        const active = by !== undefined && sorting?.by === by;
        return (
          <span
            key={column.key}
            role="columnheader"
            className={styles["cell"]}
            data-align={column.align}
            aria-sort={active ? (sorting.descending ? "descending" : "ascending") : undefined}
          >
            {by === undefined || onSort === undefined ? (
              column.title
            ) : (
              <button
                type="button"
                className={styles["sort"]}
                onClick={() => onSort({ by, descending: active ? !sorting.descending : true })}
              >
                {column.title}
                {active ? (
                  <span className={styles["arrow"]} data-up={!sorting.descending}>
                    <Icon name="down" size={11} />
                  </span>
                ) : null}
              </button>
            )}
          </span>
        );
      })}
    </div>
  );
}

function Cells<Row>({ row, columns, idOf, nameOf, selection }: Props<Row> & { row: Row }) {
  const text = useText();
  const id = idOf(row);
  return (
    <>
      {selection ? (
        <span role="cell" className={styles["cell"]}>
          <input
            type="checkbox"
            aria-label={text.common.select(nameOf(row))}
            checked={selection.chosen.has(id)}
            onChange={() => selection.onChange(toggled(selection.chosen, id))}
          />
        </span>
      ) : null}
      {columns.map((column) => (
        <span key={column.key} role="cell" className={styles["cell"]} data-align={column.align}>
          {column.cell(row)}
        </span>
      ))}
    </>
  );
}
