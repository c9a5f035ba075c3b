import { type PointerEvent, useState } from "react";
import { number } from "~/format/number";
import { languageOf, useText } from "~/i18n/text";
import { usePreferences } from "~/preferences/preferences";
import { areaUnder, type RocPoint } from "./metrics";
import styles from "./RocCurve.module.css";
import { seriesColour, seriesDash } from "./series";

export interface RocSeries {
  name: string;
  curve: readonly RocPoint[];
}

interface Props {
  series: readonly RocSeries[];
  /** The name of the series that stands out. */
  chosen?: string | undefined;
}

const SIZE = 360;
const LEFT = 42;
const TOP = 10;
const WIDTH = LEFT + SIZE + 12;
const HEIGHT = TOP + SIZE + 40;
const TICKS = [0, 0.2, 0.4, 0.6, 0.8, 1];

const x = (falsePositives: number) => LEFT + falsePositives * SIZE;
const y = (truePositives: number) => TOP + (1 - truePositives) * SIZE;

/** ROC curves over one another, with the area under each; the point below the pointer is told in words. */
export function RocCurve({ series, chosen }: Props) {
  const text = useText();
  const language = languageOf(usePreferences().language);
  const [near, setNear] = useState<{ series: number; point: RocPoint } | null>(null);
  const areas = series.map(({ curve }) => areaUnder(curve));
  const label = series
    .map(({ name }, index) =>
      [name, text.preview.area(shown(areas[index] ?? null, language))].filter(Boolean).join(": "),
    )
    .join("; ");
  return (
    <figure className={styles["figure"]}>
      <figcaption className={styles["legend"]}>
        <span className={styles["title"]}>{text.preview.roc}</span>
        {series.map(({ name }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two series may have one name
          <span key={index} className={styles["entry"]} data-dim={chosen !== undefined && chosen !== name}>
            <span className={styles["swatch"]} style={{ background: seriesColour(index) }} />
            {name ? <span className={styles["name"]}>{name}</span> : null}
            <span className={styles["area"]}>{text.preview.area(shown(areas[index] ?? null, language))}</span>
          </span>
        ))}
      </figcaption>
      <svg
        className={styles["plot"]}
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`${text.preview.roc}. ${label}`}
        onPointerMove={(event) => setNear(nearest(series, placeOf(event)))}
        onPointerLeave={() => setNear(null)}
      >
        <Axes x={text.preview.falsePositives} y={text.preview.truePositives} />
        {series.map(({ name, curve }, index) => (
          <polyline
            // biome-ignore lint/suspicious/noArrayIndexKey: two series may have one name
            key={index}
            className={styles["line"]}
            data-dim={chosen !== undefined && chosen !== name}
            points={lineOf(curve)}
            stroke={seriesColour(index)}
            strokeDasharray={seriesDash(index)}
          />
        ))}
        {near ? (
          <circle
            cx={x(near.point.falsePositives)}
            cy={y(near.point.truePositives)}
            r={4}
            fill={seriesColour(near.series)}
          />
        ) : null}
      </svg>
      <p className={styles["near"]}>{near ? inWords(near.point, text.preview, language) : ""}</p>
    </figure>
  );
}

function Axes({ x: across, y: up }: { x: string; y: string }) {
  const middle = SIZE / 2;
  return (
    <g className={styles["axes"]}>
      {TICKS.map((tick) => (
        <g key={tick}>
          <path d={`M${x(tick)} ${TOP}V${TOP + SIZE}M${LEFT} ${y(tick)}H${LEFT + SIZE}`} />
          <text x={x(tick)} y={TOP + SIZE + 15} textAnchor="middle">
            {tick}
          </text>
          <text x={LEFT - 6} y={y(tick) + 4} textAnchor="end">
            {tick}
          </text>
        </g>
      ))}
      <path className={styles["chance"]} d={`M${x(0)} ${y(0)}L${x(1)} ${y(1)}`} />
      <text x={LEFT + middle} y={HEIGHT - 6} textAnchor="middle">
        {across}
      </text>
      <text textAnchor="middle" transform={`translate(12 ${TOP + middle}) rotate(-90)`}>
        {up}
      </text>
    </g>
  );
}

/** Points in the order of the curve. What does not begin or end in a corner is drawn as far as it is known. */
function lineOf(curve: readonly RocPoint[]): string {
  return [...curve]
    .sort((one, other) => one.falsePositives - other.falsePositives || one.truePositives - other.truePositives)
    .map((point) => `${x(point.falsePositives).toFixed(2)},${y(point.truePositives).toFixed(2)}`)
    .join(" ");
}

function placeOf(event: PointerEvent<SVGSVGElement>): { x: number; y: number } {
  const box = event.currentTarget.getBoundingClientRect();
  return {
    x: ((event.clientX - box.left) / box.width) * WIDTH,
    y: ((event.clientY - box.top) / box.height) * HEIGHT,
  };
}

function nearest(series: readonly RocSeries[], at: { x: number; y: number }) {
  let best: { series: number; point: RocPoint } | null = null;
  let least = 24 ** 2;
  for (const [index, { curve }] of series.entries()) {
    for (const point of curve) {
      const distance = (x(point.falsePositives) - at.x) ** 2 + (y(point.truePositives) - at.y) ** 2;
      if (distance < least) {
        best = { series: index, point };
        least = distance;
      }
    }
  }
  return best;
}

function shown(value: number | null, language: string): string {
  return value === null ? "–" : number(value, language, 4);
}

function inWords(
  point: RocPoint,
  words: { point: (threshold: string, truePositives: string, falsePositives: string) => string },
  language: string,
): string {
  return words.point(
    shown(point.threshold, language),
    shown(point.truePositives, language),
    shown(point.falsePositives, language),
  );
}
