import type { Messages } from "../en";

export const home: Messages["home"] = {
  running: "실행 중",
  runningNone: "실행 중인 것이 없습니다.",
  failed: "지난 7일 동안의 실패",
  failedNone: "실패한 실행이 없습니다.",
  next: "다음 예정",
  nextNone: "사용 중인 반복 실행이 없습니다.",
  welcome: "이 컴퓨터에서 쓰는 Kubeflow Pipelines",
  welcomeHint:
    "파이프라인은 Python 함수로 이루어진 그래프이고, 실행은 그것을 한 번 수행한 것입니다. 아래에서 하나를 시작하고 단계, 로그, 결과를 바로 지켜보세요.",
  connect: "Python에서",
  connectHint: "스크립트나 노트북에서 세 줄이면 됩니다. 파이프라인은 고치지 않아도 됩니다:",
  upload: "파일로",
  uploadHint: "컴파일한 파이프라인을 파이프라인 페이지에 놓으면 거기에서 시작할 수 있습니다.",
  recent: "최근 실행",
  start: "시작하기",
  startSample: (name) => `${name} 시작`,
  samplesTitle: "첫 실행 시작하기",
  samples: {
    "loop-and-condition": {
      title: "반복과 조건",
      about: "단어의 길이를 나란히 재고, 긴 단어는 다른 갈래로 보낸 뒤 모두 합칩니다.",
    },
    "train-and-evaluate": {
      title: "학습과 평가",
      about: "작은 모델을 학습하고 ROC 곡선과 혼동 행렬을 그립니다.",
    },
    "artifacts-and-lineage": {
      title: "아티팩트와 계보",
      about: "단계 사이를 오가는 파일: 글, 표, Markdown, 차트. 무엇에서 나왔는지 따라가 보세요.",
    },
    "retry-until-ready": {
      title: "될 때까지 재시도",
      about: "처음에는 실패하고 다시 시도되는 단계와 마지막 정리 작업.",
    },
  },
};
