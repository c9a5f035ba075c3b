import { useText } from "~/i18n/text";
import { Card } from "~/ui/Card";
import { Code } from "~/ui/Code";
import { connectLines } from "./connectLines";
import styles from "./HomePage.module.css";
import { Samples } from "./Samples";

/** Ways to a next run. */
export function StartPart() {
  const text = useText();
  return (
    <Card title={text.home.start}>
      <Samples look="list" />
      <div className={styles["samples"]}>
        <h3>{text.home.connect}</h3>
        <Code>{connectLines()}</Code>
      </div>
    </Card>
  );
}
