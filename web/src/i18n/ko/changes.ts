import type { Messages } from "../en";

export const changes: Messages["changes"] = {
  title: "마지막 성공 이후 달라진 점",
  never: "이 파이프라인은 아직 성공한 적이 없습니다.",
  nothing: "파이프라인, 파라미터, 입력이 모두 같습니다. 데이터, 외부 서비스, 패키지처럼 바깥의 변화를 확인하세요.",
  incomparable: "두 파이프라인 중 하나는 이 버전에서 읽을 수 없습니다.",
  more: (count) => `… 그 밖에 ${count}개`,
  parameter: (name) => `파라미터 ${name}`,
  input: (name, task) => `${task}의 입력 ${name}`,
  settings: {
    caching: "이전 결과 사용",
    environment: "파이썬 패키지 설치 방식",
    pipeline_root: "아티팩트 위치",
    service_account: "서비스 계정",
  },
  aspects: {
    ADDED: (task) => `새 단계: ${task}`,
    REMOVED: (task) => `없어진 단계: ${task}`,
    CODE: (task) => `${task}의 코드`,
    PACKAGES: (task) => `${task}의 패키지`,
    IMAGE: (task) => `${task}의 이미지`,
    COMMAND: (task) => `${task}의 명령`,
    VARIABLES: (task) => `${task}의 환경 변수`,
    RESOURCES: (task) => `${task}의 자원`,
    CONSTANTS: (task) => `파이프라인이 ${task}에 주는 값`,
    IMPORTED: (task) => `${task}가 가져오는 것`,
    CONDITION: (task) => `${task}의 조건`,
    LOOP: (task) => `${task}의 반복 대상`,
    ORDER: (task) => `${task}가 기다리는 단계`,
    RETRIES: (task) => `${task}의 재시도 횟수`,
    CACHING: (task) => `${task}의 캐시 사용`,
  },
};
