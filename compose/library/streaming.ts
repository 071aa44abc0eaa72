/** Brokers, and what they need. */
import type { Service } from "../model.ts";
import { type ReadyOptions, readyService } from "./ready-service.ts";

/** Redpanda, a broker with Kafka's interface, on 9092, its schema registry on 8081. Other services reach it as `redpanda:9092`. */
export function Redpanda(options: ReadyOptions = {}): Service {
  const { name = "redpanda" } = options;
  return readyService(
    {
      name: "redpanda",
      image: "redpandadata/redpanda:v25.2.1",
      ports: [9092, 8081, 8082, 9644],
      test: "curl --fail --silent http://127.0.0.1:9644/v1/status/ready",
      config: {
        command: [
          "redpanda",
          "start",
          "--mode=dev-container",
          "--smp=1",
          "--memory=1G",
          "--kafka-addr=0.0.0.0:9092",
          `--advertise-kafka-addr=${name}:9092`,
          "--schema-registry-addr=0.0.0.0:8081",
        ],
      },
    },
    options,
  );
}

export interface KafkaOptions extends ReadyOptions {
  /** How many partitions topics have that are made by being used. Default: 1. */
  readonly partitions?: number;
}

/** Apache Kafka of one node, which needs no ZooKeeper, on 9092. Other services reach it as `kafka:9092`. */
export function Kafka(options: KafkaOptions = {}): Service {
  const { name = "kafka", partitions = 1 } = options;
  return readyService(
    {
      name: "kafka",
      image: "apache/kafka:4.1.0",
      ports: [9092],
      environment: {
        KAFKA_NODE_ID: "1",
        KAFKA_PROCESS_ROLES: "broker,controller",
        KAFKA_LISTENERS: "PLAINTEXT://:9092,CONTROLLER://:9093",
        KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://${name}:9092`,
        KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        KAFKA_CONTROLLER_LISTENER_NAMES: "CONTROLLER",
        KAFKA_CONTROLLER_QUORUM_VOTERS: "1@localhost:9093",
        KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: "1",
        KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: "1",
        KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: "1",
        KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: "0",
        KAFKA_NUM_PARTITIONS: String(partitions),
      },
      test: "/opt/kafka/bin/kafka-broker-api-versions.sh --bootstrap-server 127.0.0.1:9092 >/dev/null",
    },
    options,
  );
}

/** Confluent's schema registry on 8081, for a broker of the composition. */
export function SchemaRegistry(options: ReadyOptions & { readonly broker?: string } = {}): Service {
  const { name = "schema-registry", broker = "kafka" } = options;
  return readyService(
    {
      name: "schema-registry",
      image: "confluentinc/cp-schema-registry:8.0.0",
      ports: [8081],
      environment: {
        SCHEMA_REGISTRY_HOST_NAME: name,
        SCHEMA_REGISTRY_KAFKASTORE_BOOTSTRAP_SERVERS: `PLAINTEXT://${broker}:9092`,
      },
      test: "curl --fail --silent http://127.0.0.1:8081/subjects",
      config: { depends_on: { [broker]: { condition: "service_healthy" } } },
    },
    options,
  );
}

/** Apache ZooKeeper on 2181. */
export function Zookeeper(options: ReadyOptions = {}): Service {
  return readyService(
    {
      name: "zookeeper",
      image: "zookeeper:3.9",
      ports: [2181],
      environment: { ZOO_4LW_COMMANDS_WHITELIST: "ruok" },
      test: "zkServer.sh status",
    },
    options,
  );
}
