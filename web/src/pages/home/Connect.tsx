import { useText } from "~/i18n/text";
import { ButtonLink } from "~/ui/ButtonLink";
import { Card } from "~/ui/Card";
import { Code } from "~/ui/Code";
import { Page } from "~/ui/Page";
import styles from "./Connect.module.css";
import { connectLines } from "./connectLines";
import { Samples } from "./Samples";

/** The home page while there are no runs: three ways to a first one. */
export function Connect() {
  const text = useText();
  return (
    <Page title={text.home.welcome}>
      <div className={styles["welcome"]}>
        <p className={styles["hint"]}>{text.home.welcomeHint}</p>
        <section className={styles["part"]} aria-label={text.home.samplesTitle}>
          <h2>{text.home.samplesTitle}</h2>
          <Samples look="cards" />
        </section>
        <div className={styles["others"]}>
          <Card title={text.home.connect}>
            <p>{text.home.connectHint}</p>
            <Code>{connectLines()}</Code>
          </Card>
          <Card title={text.home.upload}>
            <p>{text.home.uploadHint}</p>
            <div>
              <ButtonLink to="/pipelines" search={{ upload: true }} icon="upload">
                {text.pipelines.upload}
              </ButtonLink>
            </div>
          </Card>
        </div>
      </div>
    </Page>
  );
}
