import { useText } from "~/i18n/text";
import styles from "./TableView.module.css";

interface Props {
  columns: readonly string[];
  rows: readonly (readonly string[])[];
  truncated: boolean;
}

const NUMBER = /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?\s*%?$/i;

/** The first lines of a table; columns of numbers stand at their right edge. */
export function TableView({ columns, rows, truncated }: Props) {
  const text = useText();
  const width = Math.max(columns.length, ...rows.map((row) => row.length));
  const tracks = Array.from({ length: width }, (_, at) => at);
  const numeric = tracks.map((at) => {
    const given = rows.map((row) => row[at] ?? "").filter((cell) => cell !== "");
    return given.length > 0 && given.every((cell) => NUMBER.test(cell));
  });
  return (
    <div className={styles["outer"]}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <div className={styles["frame"]} tabIndex={0} role="region" aria-label={text.preview.table}>
        <table>
          <thead>
            <tr>
              <th scope="col" className={styles["number"]}>
                <span className="visually-hidden">{text.preview.row}</span>
              </th>
              {tracks.map((at) => (
                <th key={at} scope="col" data-numeric={numeric[at]}>
                  {columns[at]}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, line) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: rows never move
              <tr key={line}>
                <td className={styles["number"]}>{line + 1}</td>
                {tracks.map((at) => (
                  <td key={at} data-numeric={numeric[at]} title={(row[at] ?? "").length > 40 ? row[at] : undefined}>
                    {row[at]}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className={styles["count"]}>{text.preview.rows(rows.length, columns.length, truncated)}</p>
    </div>
  );
}
