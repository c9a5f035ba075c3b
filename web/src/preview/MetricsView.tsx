import { number } from "~/format/number";
import { languageOf, useText } from "~/i18n/text";
import { usePreferences } from "~/preferences/preferences";
import { ConfusionMatrix } from "./ConfusionMatrix";
import styles from "./MetricsView.module.css";
import { type Classification, classificationOf, slicesOf } from "./metrics";
import { RocCurve } from "./RocCurve";

type Metrics = Readonly<Record<string, unknown>>;

/** Recorded values: numbers large, the rest as it is. */
export function MetricsView({ metrics }: { metrics: Metrics }) {
  const language = languageOf(usePreferences().language);
  return (
    <dl className={styles["metrics"]}>
      {Object.entries(metrics).map(([name, value]) => (
        <div key={name} className={styles["metric"]}>
          <dt title={name}>{name}</dt>
          {typeof value === "number" ? (
            <dd className={styles["number"]} title={String(value)}>
              {number(value, language)}
            </dd>
          ) : (
            <dd className={styles["other"]}>{typeof value === "string" ? value : JSON.stringify(value)}</dd>
          )}
        </div>
      ))}
    </dl>
  );
}

/** A ROC curve and a confusion matrix, as far as they were recorded. */
export function ClassificationView({ metrics }: { metrics: Metrics }) {
  const { curve, matrix, rest } = classificationOf(metrics);
  return (
    <div className={styles["plots"]}>
      {curve ? <RocCurve series={[{ name: "", curve }]} /> : null}
      {matrix ? <ConfusionMatrix matrix={matrix} /> : null}
      {Object.keys(rest).length > 0 ? <MetricsView metrics={rest} /> : null}
    </div>
  );
}

/** The same for slices of the data: their curves over one another, a matrix each. */
export function SlicedView({ metrics }: { metrics: Metrics }) {
  const text = useText();
  const slices = slicesOf(metrics);
  if (slices.length === 0) return <MetricsView metrics={metrics} />;
  const curves = slices.flatMap(({ name, classification: { curve } }) => (curve ? [{ name, curve }] : []));
  return (
    <div className={styles["plots"]}>
      {curves.length > 0 ? <RocCurve series={curves} /> : null}
      <div className={styles["slices"]}>
        {slices.map(({ name, classification }) => (
          <SliceMatrix key={name} title={text.preview.slice(name)} classification={classification} />
        ))}
      </div>
    </div>
  );
}

function SliceMatrix({ title, classification }: { title: string; classification: Classification }) {
  const { matrix, rest } = classification;
  if (matrix === null && Object.keys(rest).length === 0) return null;
  return (
    <div className={styles["slice"]}>
      {matrix ? <ConfusionMatrix matrix={matrix} title={title} /> : <h3>{title}</h3>}
      {Object.keys(rest).length > 0 ? <MetricsView metrics={rest} /> : null}
    </div>
  );
}
