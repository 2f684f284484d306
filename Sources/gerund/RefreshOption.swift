import ArgumentParser

/// How many rows of each older frame fast mode computes anew, as the user names it.
enum RefreshOption: ExpressibleByArgument {
    case rows(Int)
    /// As many as there are: the exact result, by fast mode's way.
    case all

    init?(argument: String) {
        if argument == "all" {
            self = .all
        } else if let count = Int(argument), count >= 0 {
            self = .rows(count)
        } else {
            return nil
        }
    }

    var count: Int {
        switch self {
        case .rows(let count): count
        case .all: .max
        }
    }

    var defaultValueDescription: String {
        switch self {
        case .rows(let count): "\(count)"
        case .all: "all"
        }
    }
}
