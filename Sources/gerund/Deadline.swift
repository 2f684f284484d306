/// Ends work at a point of the wall clock.
enum Deadline {
    /// - Parameter limit: `nil` for no deadline.
    /// - Returns: What the work returned; it was cancelled if it took longer than `limit`.
    static func cancelling<R: Sendable>(
        after limit: Duration?, _ work: @escaping @Sendable () async throws -> R
    ) async throws -> R {
        guard let limit else { return try await work() }
        return try await withThrowingTaskGroup(of: R?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                try? await Task.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            while let next = try await group.next() {
                if let result = next { return result }
                group.cancelAll()
            }
            throw CancellationError()
        }
    }
}
