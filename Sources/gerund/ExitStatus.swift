import GerundCore
import GerundEngine
import GerundEvents
import GerundSettings
import GerundStream
import Glibc

/// The exit status of the program, as documented.
enum ExitStatus: Int32 {
    /// The end of the sources, or `--duration` reached.
    case success = 0
    /// A failure at run time.
    case failure = 1
    /// Invalid arguments or settings.
    case usage = 2
    /// No source could be opened.
    case noSource = 3
    /// The model or the labels can't be loaded.
    case noModel = 4
    /// Ended by SIGINT.
    case interrupted = 130
    /// Ended by SIGTERM.
    case terminated = 143

    /// The exit status of a command that threw an error; `nil` for an error of the argument parser.
    init?(_ error: any Error) {
        guard let error = error as? any ExitStatusProviding else { return nil }
        self = error.exitStatus
    }

    /// Ends the process with the terminal restored.
    ///
    /// Exit handlers don't run: those of libraries, such as OpenSSL's, free what threads that still run are using.
    func exit() -> Never {
        Screen.closeCurrent()
        fflush(nil)
        _exit(self.rawValue)
    }
}

/// An error that ends a command with its own exit status.
protocol ExitStatusProviding: Error {
    var exitStatus: ExitStatus { get }
}

/// An error that ends a command with a status and, unless it is silent, one line on standard error.
struct CommandError: ExitStatusProviding {
    var status: ExitStatus
    var message: String?

    var exitStatus: ExitStatus { self.status }
}

extension ModelError: ExitStatusProviding {
    var exitStatus: ExitStatus { .noModel }
}

extension CaptureError: ExitStatusProviding {
    var exitStatus: ExitStatus { .noSource }
}

extension LogError: ExitStatusProviding {
    /// A wrong file name is a usage error; a failure of the system isn't.
    var exitStatus: ExitStatus { [.invalidPath, .notALog, .inUse].contains(self.code) ? .usage : .failure }
}

extension ThreadCreationError: ExitStatusProviding {
    var exitStatus: ExitStatus { .failure }
}

extension SettingsError: ExitStatusProviding {
    var exitStatus: ExitStatus {
        self.code == .invalidModelSettings || self.code == .invalidLabels ? .noModel : .usage
    }
}

extension CancellationError: ExitStatusProviding {
    var exitStatus: ExitStatus { .interrupted }
}

extension StandardOutput.Closed: ExitStatusProviding {
    /// A reader that closes the pipe has read enough: not a failure.
    var exitStatus: ExitStatus { .success }
}
