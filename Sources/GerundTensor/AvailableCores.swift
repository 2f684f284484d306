import CGerundThreads
import Glibc

/// The number of processor cores that this process may use.
enum AvailableCores {
    /// The smaller of the cores in the affinity mask (`taskset`, cpusets, `docker --cpuset-cpus`) and the CPU bandwidth
    /// of the process's control group (`CPUQuota=` of systemd, `docker --cpus`), at least 1.
    ///
    /// Reads the kernel's settings on every call.
    static var count: Int {
        let limit = Self.bandwidthLimit(groups: Self.contents(of: "/proc/self/cgroup") ?? "") {
            Self.contents(of: "/sys/fs/cgroup\($0)/cpu.max")
        }
        return max(1, min(gerund_affinity_core_count(), limit ?? .max))
    }

    /// Returns the smallest CPU bandwidth limit of a control group and its ancestors.
    ///
    /// - Parameters:
    ///   - groups: The contents of `/proc/self/cgroup`.
    ///   - read: Returns the contents of the `cpu.max` file of a group, whose path begins with a slash, or is empty for
    ///     the root.
    /// - Returns: The number of cores, rounded up; `nil` if none of the groups is limited. Version 1 of the control
    ///   groups isn't read and gives `nil`.
    static func bandwidthLimit(groups: String, read: (String) -> String?) -> Int? {
        guard let line = groups.split(separator: "\n").first(where: { $0.hasPrefix("0::/") }) else { return nil }
        var path = line.dropFirst("0::".count)
        var limit: Int?
        while true {
            if path == "/" { path = "" }
            if let own = read(String(path)).flatMap(Self.cores(ofBandwidth:)) { limit = min(limit ?? own, own) }
            guard let slash = path.lastIndex(of: "/") else { return limit }
            path = path[..<slash]
        }
    }

    /// Parses a `cpu.max` file, `QUOTA PERIOD` in microseconds: the number of cores, rounded up; `nil` for `max
    /// PERIOD`.
    private static func cores(ofBandwidth text: String) -> Int? {
        let values = text.split { $0 == " " || $0 == "\n" }.map { Int($0) }
        guard values.count == 2, let quota = values[0], let period = values[1], quota > 0, period > 0 else {
            return nil
        }
        return (quota - 1) / period + 1
    }

    private static func contents(of path: String) -> String? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        return unsafe withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
            let count = unsafe read(descriptor, buffer.baseAddress, buffer.count)
            return count < 0 ? nil : unsafe String(decoding: buffer[0..<count], as: UTF8.self)
        }
    }
}
