import { createElement, Fragment, type ReactNode, useMemo } from "react";
import styles from "./MarkdownView.module.css";
import { type Block, markdownOf } from "./markdown";
import type { Inline } from "./markdownInline";

/** Markdown that anybody may have written: drawn from a tree, so that nothing in it becomes HTML. */
export function MarkdownView({ source }: { source: string }) {
  const blocks = useMemo(() => markdownOf(source), [source]);
  return <div className={styles["markdown"]}>{blocks.map(drawBlock)}</div>;
}

function drawBlock(block: Block, key: number): ReactNode {
  switch (block.kind) {
    case "heading":
      // The page has its own first headings.
      return createElement(
        `h${Math.min(6, block.level + 1)}`,
        { key, "data-level": block.level },
        block.children.map(drawInline),
      );
    case "paragraph":
      return <p key={key}>{block.children.map(drawInline)}</p>;
    case "code":
      return (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <pre key={key} tabIndex={0}>
          <code>{block.text}</code>
        </pre>
      );
    case "quote":
      return <blockquote key={key}>{block.children.map(drawBlock)}</blockquote>;
    case "rule":
      return <hr key={key} />;
    case "list":
      return drawList(block, key);
    case "table":
      return drawTable(block, key);
  }
}

function drawList(list: Extract<Block, { kind: "list" }>, key: number): ReactNode {
  // biome-ignore lint/suspicious/noArrayIndexKey: a document does not move
  const items = list.items.map((item, index) => <li key={index}>{drawItem(item)}</li>);
  return list.ordered ? (
    <ol key={key} start={list.start}>
      {items}
    </ol>
  ) : (
    <ul key={key}>{items}</ul>
  );
}

/** A short item is a line, not a paragraph. */
function drawItem(item: Block[]): ReactNode {
  return item.map((block, index) =>
    block.kind === "paragraph" && index === 0 ? (
      <Fragment key="first">{block.children.map(drawInline)}</Fragment>
    ) : (
      drawBlock(block, index)
    ),
  );
}

function drawTable(table: Extract<Block, { kind: "table" }>, key: number): ReactNode {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <div key={key} className={styles["scroll"]} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {table.head.map((cell, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a document does not move
              <th key={at} scope="col" data-align={table.align[at]}>
                {cell.map(drawInline)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, line) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a document does not move
            <tr key={line}>
              {row.map((cell, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a document does not move
                <td key={at} data-align={table.align[at]}>
                  {cell.map(drawInline)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function drawInline(inline: Inline, key: number): ReactNode {
  switch (inline.kind) {
    case "text":
      return inline.text;
    case "code":
      return <code key={key}>{inline.text}</code>;
    case "strong":
      return <strong key={key}>{inline.children.map(drawInline)}</strong>;
    case "em":
      return <em key={key}>{inline.children.map(drawInline)}</em>;
    case "strike":
      return <s key={key}>{inline.children.map(drawInline)}</s>;
    case "break":
      return <br key={key} />;
    case "image":
      return <img key={key} src={inline.source} alt={inline.alt} />;
    case "link":
      return (
        <a key={key} href={inline.href} target="_blank" rel="noopener noreferrer nofollow">
          {inline.children.map(drawInline)}
        </a>
      );
  }
}
