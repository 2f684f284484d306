import Synchronization
import Testing

@testable import gerund

@Suite("withTimeout", .timeLimit(.minutes(10)))
struct WithTimeoutTests {
    @Test("Calls the handler after the limit, and returns what the operation returns then")
    func timeout() async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        let result = try await withTimeout(.zero, onTimeout: { continuation.finish() }) {
            for await _ in stream {}
            return 7
        }
        #expect(result == 7)
    }

    @Test("Doesn't wait for the limit, and doesn't call the handler, if the operation returns before")
    func early() async throws {
        let calls = Atomic(0)
        for limit in [nil, Duration.seconds(3600)] {
            let result = try await withTimeout(limit, onTimeout: { calls.add(1, ordering: .relaxed) }) { 7 }
            #expect(result == 7)
        }
        #expect(calls.load(ordering: .relaxed) == 0)
    }

    @Test("Throws the error of the operation")
    func error() async {
        struct Failure: Error {}
        await #expect(throws: Failure.self) {
            try await withTimeout(.seconds(3600), onTimeout: {}) { throw Failure() }
        }
    }
}
