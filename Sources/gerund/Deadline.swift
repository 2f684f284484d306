/// Ends work at a point of the wall clock.
enum Deadline {
    /// - Parameters:
    ///   - limit: `nil` for no deadline.
    ///   - end: Called when the work takes longer than `limit`; makes it return soon.
    /// - Returns: What the work returned.
    static func ending<R: Sendable>(
        after limit: Duration?, by end: @escaping @Sendable () async -> Void,
        _ work: @escaping @Sendable () async throws -> R
    ) async throws -> R {
        guard let limit else { return try await work() }
        return try await withThrowingTaskGroup(of: R?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                // Thrown when the work is done before.
                if (try? await Task.sleep(for: limit)) != nil { await end() }
                return nil
            }
            defer { group.cancelAll() }
            while let next = try await group.next() {
                if let result = next { return result }
            }
            throw CancellationError()
        }
    }
}
