import type { Messages } from "../en";

export const newRun: Messages["newRun"] = {
  title: "새 실행",
  open: "새 실행",
  inputs: "입력",
  run: "실행",
  choosePipeline: "어떤 파이프라인을 실행할까요?",
  cloneOf: (name) => `${name}의 복제`,
  defaultExperiment: "기본 실험",
  caching: "이전 실행의 결과",
  cachingHint: "사용하지 않으면 결과를 이미 아는 단계도 모두 다시 실행합니다.",
  on: "사용",
  off: "사용 안 함",
  environment: "단계의 Python 패키지",
  environmentHint: "inherit: 서버의 패키지에 더하기, isolated: 컴포넌트가 선언한 것만.",
  asServer: "서버 설정대로",
  root: "아티팩트 저장 위치",
  rootHint: "서버의 디렉터리",
  start: "시작",
  faults: {
    missing: "필수 입력입니다.",
    integer: "정수가 아닙니다.",
    number: "숫자가 아닙니다.",
    list: 'JSON 목록이 아닙니다. 예: ["a", 1]',
    struct: 'JSON 객체가 아닙니다. 예: {"a": 1}',
  },
};
