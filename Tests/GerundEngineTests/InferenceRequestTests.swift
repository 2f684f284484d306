import Testing

@testable import GerundEngine

@Suite("InferenceRequest")
struct InferenceRequestTests {
    /// Registers the calling task with a request, calls `body`, and returns what the task is resumed with.
    private func result(
        of request: InferenceRequest, _ body: @escaping @Sendable (InferenceRequest.RegisterAction) -> Void
    ) async -> [Float] {
        await withCheckedContinuation { continuation in body(request.register(continuation)) }
    }

    @Test("Resumes the waiting task with the logits of a claimed request")
    func fulfilled() async {
        let request = InferenceRequest()
        #expect(!request.isPending)
        let logits = await self.result(of: request) { action in
            #expect(action == .enqueue && request.isPending)
            #expect(request.claim())
            #expect(!request.isPending)
            request.fulfill([1, 2])
        }
        #expect(logits == [1, 2])
        #expect(!request.isPending && !request.claim())
    }

    @Test("Resumes the task without logits if it is cancelled while it waits")
    func cancelledWhileWaiting() async {
        let request = InferenceRequest()
        let logits = await self.result(of: request) { _ in
            request.cancel()
            #expect(!request.isPending && !request.claim())
        }
        #expect(logits.isEmpty)
        request.fulfill([1])
    }

    @Test("Resumes the task without logits if it was cancelled before it waits")
    func cancelledBefore() async {
        let request = InferenceRequest()
        request.cancel()
        let logits = await self.result(of: request) { action in #expect(action == .none) }
        #expect(logits.isEmpty && !request.isPending)
    }

    @Test("Can't be cancelled while it is computed: the task waits for completion")
    func cancelledWhileComputing() async {
        let request = InferenceRequest()
        let logits = await self.result(of: request) { _ in
            #expect(request.claim())
            request.cancel()
            request.fulfill([3])
        }
        #expect(logits == [3])
    }
}
