import FoundationEssentials

/// The threads and open files of the process that runs the tests, from `/proc/self`.
public enum CurrentProcess {
    /// Returns the names of all threads.
    ///
    /// - Throws: The error of the file system.
    public static func threadNames() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").compactMap { thread in
            // A thread may have ended meanwhile.
            try? String(contentsOfFile: "/proc/self/task/\(thread)/comm", encoding: .utf8).filter { $0 != "\n" }
        }
    }

    /// Returns the number of threads with a name.
    ///
    /// - Parameter name: The name; the system keeps 15 bytes of one.
    /// - Returns: The number at this moment.
    /// - Throws: The error of the file system.
    public static func threadCount(named name: String) throws -> Int {
        try self.threadNames().count { $0 == name }
    }

    /// Waits until no thread has a name: a thread ends soon after its owner has released it, not at once.
    ///
    /// - Parameter name: The name; the system keeps 15 bytes of one.
    /// - Throws: The error of the file system, or `CancellationError` if the test's task is cancelled, for example by
    ///   its time limit.
    public static func waitForNoThread(named name: String) async throws {
        while try self.threadCount(named: name) > 0 {
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    /// Returns the targets of the open file descriptors, such as a path or `socket:[12345]`.
    ///
    /// - Throws: The error of the file system.
    public static func openFiles() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap { descriptor in
            try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(descriptor)")
        }
    }
}
