/// The commands in which makers differ: how a chip, its directories, files and keys come into being (cos-dialects §3, §4).
public struct CommandSet: Hashable, Sendable {
    /// The commands' names, as profiles write them.
    public enum Name: String, Hashable, Sendable, CaseIterable {
        /// The answer to reset that a blank shall give from the next reset on.
        case answerToReset
        /// A blank chip's proof that its owner is at work.
        case transportCode
        /// Everything on the chip goes.
        case erase
        case createMasterFile
        case createDirectory
        case createKeyFile
        case createFile
        /// The list of applications.
        case createDirectoryFile
        /// The file of an application's transactions.
        case createTransactionFile
        /// The published first master of a directory, in plain.
        case loadTransportKey
        /// A new key record, by cipher and MAC.
        case addKey
        /// A new value for a key record, by cipher and MAC.
        case updateKey
        case appendRecord
        case updateRecord
        /// A row that a cyclic file gets: it becomes record 1.
        case appendCyclic
        /// No file can be created in the current directory any more.
        case endDirectory
        /// The chip's structure is frozen.
        case endCard

        /// The fields that the command can fill.
        var fields: Set<CommandTemplate.Field> {
            switch self {
            case .answerToReset: [.historicalBytes, .answerToReset]
            case .transportCode: [.transportCode]
            case .erase, .endDirectory, .endCard: []
            case .createMasterFile: Self.directory
            case .createDirectory: Self.directory.union([.name, .directoryKind])
            case .createKeyFile: Self.directory
            case .createDirectoryFile, .createTransactionFile:
                [.identifier, .shortFile, .contentSize, .recordLength, .read, .write]
            case .createFile:
                [
                    .identifier, .shortFile, .type, .control, .dimension, .contentSize, .recordLength, .read, .write,
                    .recordRights, .recordMeasures,
                ]
            case .loadTransportKey, .addKey, .updateKey:
                [
                    .keyType, .keyBaseType, .keyIdentifier, .use, .change, .next, .counter, .keyLength, .key,
                    .paddedKey,
                ]
            case .appendRecord, .updateRecord:
                [.shortFile, .recordReference, .fileReference, .recordNumber, .record]
            // a number would be that of a record which is there
            case .appendCyclic: [.shortFile, .recordReference, .fileReference, .ringReference, .record]
            }
        }

        private static let directory: Set<CommandTemplate.Field> = [
            .identifier, .shortFile, .size, .create, .erase, .addKey, .shortIdentifier, .keyFileSize, .informationFile,
            .transactionFile,
        ]

        /// True for commands that every card operating system has.
        var isRequired: Bool {
            switch self {
            case .createDirectory, .createKeyFile, .createFile, .addKey, .updateKey, .appendRecord, .updateRecord,
                .appendCyclic:
                true
            default: false
            }
        }
    }

    private let templates: [Name: CommandTemplate]

    /// No command at all: for cards whose files and keys a security domain brings.
    static let none = CommandSet()

    private init() { templates = [:] }

    /// A set from its templates; nil when a command that every card needs is missing, or a template has a field that nothing
    /// fills.
    init?(_ templates: [Name: CommandTemplate]) {
        guard Name.allCases.allSatisfy({ !$0.isRequired || templates[$0] != nil }) else { return nil }
        guard templates.allSatisfy({ $1.fields.isSubset(of: $0.fields) }) else { return nil }
        self.templates = templates
    }

    /// The template of a command; nil when this card operating system has none.
    public subscript(_ name: Name) -> CommandTemplate? { templates[name] }
}
