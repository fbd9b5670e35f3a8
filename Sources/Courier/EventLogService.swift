// Every context's published log, and the state of its own reading of others.

public import Contracts
public import GRPCCore
import Kernel
public import Runtime
import SwiftProtobuf

public struct EventLogService: Premia_Common_V1_EventLog.SimpleServiceProtocol {
  private let engine: Engine
  private let consumers: [Consumer]

  public init(engine: Engine, consumers: [Consumer]) {
    self.engine = engine
    self.consumers = consumers
  }

  public func read(
    request: Premia_Common_V1_ReadLogRequest, context: ServerContext
  ) async throws -> Premia_Common_V1_ReadLogResponse {
    guard (0...1_000).contains(request.limit) else {
      throw Problem.field("limit", "is \(request.limit); it is 1 to 1,000")
    }
    let records = try await engine.store.published(
      after: request.afterPosition, limit: request.limit == 0 ? 100 : Int(request.limit),
      about: request.about.isEmpty ? nil : request.about)
    var response = Premia_Common_V1_ReadLogResponse()
    response.events = try records.map { position, record in
      try Premia_Common_V1_Envelope(record: record, position: position)
    }
    response.lastPosition = try await engine.store.lastPublished()
    return response
  }

  public func listDeadLetters(
    request: Premia_Common_V1_ListDeadLettersRequest, context: ServerContext
  ) async throws -> Premia_Common_V1_ListDeadLettersResponse {
    var response = Premia_Common_V1_ListDeadLettersResponse()
    for record in try await engine.store.deadLetters(source: nil) {
      var letter = Premia_Common_V1_DeadLetter()
      letter.source = record.source
      letter.position = record.position
      letter.messageID = record.messageID
      letter.type = try Premia_Common_V1_Envelope(serializedBytes: record.envelope).type
      letter.subject = record.subject
      letter.reason = record.reason
      letter.attempts = Int32(record.attempts)
      letter.atMicros = record.at.microseconds
      response.letters.append(letter)
    }
    return response
  }

  public func redrive(
    request: Premia_Common_V1_RedriveRequest, context: ServerContext
  ) async throws -> Premia_Common_V1_RedriveResponse {
    var response = Premia_Common_V1_RedriveResponse()
    for consumer in consumers {
      let counts = try await consumer.redrive(
        subject: request.subject.isEmpty ? nil : request.subject, dryRun: request.dryRun)
      response.redriven += Int32(counts.redriven)
      response.stillDead += Int32(counts.stillDead)
    }
    return response
  }

  public func replay(
    request: Premia_Common_V1_ReplayRequest, context: ServerContext
  ) async throws -> Premia_Common_V1_ReplayResponse {
    guard let consumer = consumers.first(where: { $0.feed.source == request.source }) else {
      throw Problem.field(
        "source",
        "is '\(request.source)'; \(engine.context) listens to \(consumers.map(\.feed.source).joined(separator: ", "))")
    }
    let counts = try await consumer.replay(
      after: request.fromPosition, subject: request.subject.isEmpty ? nil : request.subject, dryRun: request.dryRun)
    var response = Premia_Common_V1_ReplayResponse()
    response.read = Int64(counts.read)
    response.applied = Int64(counts.applied)
    response.skipped = Int64(counts.skipped)
    return response
  }

  public func getLag(
    request: Premia_Common_V1_LagRequest, context: ServerContext
  ) async throws -> Premia_Common_V1_LagResponse {
    var response = Premia_Common_V1_LagResponse()
    for consumer in consumers {
      var lag = Premia_Common_V1_Lag()
      lag.source = consumer.feed.source
      lag.cursor = try await consumer.cursor()
      lag.behind = try await consumer.feed.last() - lag.cursor
      lag.dead = Int64(try await engine.store.deadLetters(source: consumer.feed.source).count)
      response.lags.append(lag)
    }
    return response
  }
}
