import CardLayout
import ISO7816

/// The files that the card operating system itself works with: lists of applications and templates of SELECT are read, files of
/// transactions are looked for.
extension CardReader {
    /// What they hold, in the order in which they were made; those of a directory that the card does not have are left out.
    ///
    /// A file of transactions is read by nobody: it is `notOpen` where it is there.
    public func readSystemFiles() throws(CardError) -> [FileReading] {
        var readings: [FileReading] = []
        for directory in [compiled.masterFile] + compiled.directories where !directory.systemFiles.isEmpty {
            if directory.directory == nil {
                let command = try conversation.building { () throws(CommandAPDU.Malformed) in
                    try CardCommands(profile: compiled.profile).selectMasterFile()
                }
                guard try conversation.send(.fixed(command), wantsAnswer: false).statusWord.isSuccess else { return [] }
            } else if try !enters(directory) {
                continue
            }
            for file in directory.systemFiles {
                readings.append(
                    FileReading(directory: directory.name, file: file.name, outcome: try read(file)))
            }
        }
        return readings
    }

    private func read(_ file: SystemFile) throws(CardError) -> FileReading.Outcome {
        if file.role == .transactions { return try lookFor(file) }
        var damaged: [Int] = []
        return try read(file.file, noting: &damaged)
    }

    private func lookFor(_ file: SystemFile) throws(CardError) -> FileReading.Outcome {
        let command = try conversation.building { () throws(CommandAPDU.Malformed) in
            try CardCommands(profile: compiled.profile).select(identifier: file.file.identifier)
        }
        switch try conversation.send(.fixed(command), wantsAnswer: false).statusWord {
        case .success: return .notOpen
        case .fileNotFound: return .absent
        case let other: return .refused(other)
        }
    }
}
