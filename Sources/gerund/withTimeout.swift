/// Performs an operation with a limit on its wall-clock time.
///
/// - Parameters:
///   - limit: The limit; `nil` for none.
///   - onTimeout: Called when the operation takes longer than `limit`; must make it return soon.
///   - operation: The operation.
/// - Returns: The operation's result, also after the limit.
/// - Throws: The error that the operation throws.
func withTimeout<R: Sendable>(
    _ limit: Duration?, onTimeout: @escaping @Sendable () async -> Void,
    operation: @escaping @Sendable () async throws -> R
) async throws -> R {
    guard let limit else { return try await operation() }
    return try await withThrowingTaskGroup(of: R?.self) { group in
        group.addTask { try await operation() }
        group.addTask {
            // The sleep throws if the operation returns first.
            if (try? await Task.sleep(for: limit)) != nil { await onTimeout() }
            return nil
        }
        defer { group.cancelAll() }
        while let next = try await group.next() {
            if let result = next { return result }
        }
        throw CancellationError()
    }
}
