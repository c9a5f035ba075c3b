import { Fragment } from "react";
import { number } from "~/format/number";
import { languageOf, useText } from "~/i18n/text";
import { usePreferences } from "~/preferences/preferences";
import styles from "./ConfusionMatrix.module.css";
import { accuracyOf, type Matrix } from "./metrics";

interface Props {
  matrix: Matrix;
  /** Over it: whose it is, where there are several. */
  title?: string;
}

/** A confusion matrix: true labels down, predicted ones across; each cell as strong as its share of the row. */
export function ConfusionMatrix({ matrix, title }: Props) {
  const text = useText();
  const language = languageOf(usePreferences().language);
  const accuracy = accuracyOf(matrix);
  return (
    <figure className={styles["figure"]}>
      <figcaption className={styles["caption"]}>
        <span className={styles["title"]}>{title || text.preview.matrix}</span>
        {accuracy === null ? null : <span>{text.preview.accuracy(percent(accuracy, language))}</span>}
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <div className={styles["scroll"]} tabIndex={0}>
        <table className={styles["matrix"]} aria-label={title || text.preview.matrix}>
          <thead>
            <tr>
              <td rowSpan={2} colSpan={2} />
              <th scope="colgroup" colSpan={matrix.labels.length} className={styles["axis"]}>
                {text.preview.predicted}
              </th>
            </tr>
            <tr>
              {matrix.labels.map((label) => (
                <th key={label} scope="col" className={styles["label"]} title={label}>
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {matrix.rows.map((row, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows never move
              <tr key={at}>
                {at === 0 ? (
                  <th scope="rowgroup" rowSpan={matrix.rows.length} className={styles["axis"]} data-turned>
                    <span>{text.preview.actual}</span>
                  </th>
                ) : null}
                <th scope="row" className={styles["label"]} title={matrix.labels[at]}>
                  {matrix.labels[at]}
                </th>
                <Cells row={row} at={at} language={language} />
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  );
}

function Cells({ row, at, language }: { row: readonly number[]; at: number; language: string }) {
  const all = row.reduce((sum, value) => sum + value, 0);
  return (
    <Fragment>
      {row.map((value, column) => {
        const share = all > 0 ? value / all : 0;
        return (
          <td
            // biome-ignore lint/suspicious/noArrayIndexKey: columns never move
            key={column}
            className={styles["cell"]}
            data-strong={share > 0.5}
            data-right={column === at}
            style={{
              backgroundColor: `color-mix(in oklab, var(--accent) ${fill(share)}%, var(--surface))`,
            }}
          >
            <span className={styles["value"]}>{number(value, language)}</span>
            <span className={styles["share"]}>{percent(share, language)}</span>
          </td>
        );
      })}
    </Fragment>
  );
}

/** How much of the colour: never so much, or so little, that neither text could be read on it. */
function fill(share: number): number {
  return Math.round(share > 0.5 ? 76 + 24 * share : 70 * share);
}

function percent(share: number, language: string): string {
  return new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 }).format(share);
}
