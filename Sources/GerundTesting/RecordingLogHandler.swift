public import Logging
import Synchronization

/// A log handler that keeps the messages for a test.
///
///     let handler = RecordingLogHandler()
///     let logger = Logger(label: "test") { _ in handler }
///     logger.warning("slow")
///     #expect(handler.messages.map(\.text) == ["slow"])
public struct RecordingLogHandler: LogHandler {
    /// A logged message.
    public struct Message: Sendable, Hashable {
        /// The level it was logged with.
        public var level: Logger.Level
        /// The text.
        public var text: String
        /// The metadata of the message itself, each value as text.
        public var metadata: [String: String]
    }

    private final class Storage: Sendable {
        let messages = Mutex<[Message]>([])
    }

    private let storage = Storage()
    /// The metadata of every message.
    ///
    /// It isn't recorded.
    public var metadata: Logger.Metadata = [:]
    /// The lowest level that is recorded.
    ///
    /// The default is `trace`: everything.
    public var logLevel: Logger.Level

    /// Creates a handler without messages.
    public init(logLevel: Logger.Level = .trace) {
        self.logLevel = logLevel
    }

    /// The messages so far, of all copies of this handler.
    public var messages: [Message] { self.storage.messages.withLock { $0 } }

    /// The metadata value of every message for a key.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { self.metadata[key] }
        set { self.metadata[key] = newValue }
    }

    /// Records a message.
    public func log(event: LogEvent) {
        let metadata = (event.metadata ?? [:]).mapValues { "\($0)" }
        let message = Message(level: event.level, text: "\(event.message)", metadata: metadata)
        self.storage.messages.withLock { $0.append(message) }
    }
}
