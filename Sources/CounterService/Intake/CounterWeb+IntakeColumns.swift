import HTTPTypes
import Hummingbird
import Issuing

/// What columns a file to take in has, for whoever makes one.
extension CounterWeb {
    /// The elements of a kind of file.
    static func elements(of kind: IntakeOrder.Kind) -> ColumnMapping.Elements {
        switch kind {
        case .persons: .persons
        case .factoryReturn: .returns
        }
    }

    /// An empty file of a kind, its header in Chinese: what a spreadsheet opens.
    static func templateFile(of kind: IntakeOrder.Kind) -> Response {
        let header = elements(of: kind).columns.map(\.chinese).joined(separator: ",")
        // With its mark at the beginning spreadsheets take it for UTF-8.
        var response = Response(
            status: .ok, body: ResponseBody(byteBuffer: ByteBuffer(string: "\u{FEFF}\(header)\r\n")))
        response.headers[.contentType] = "text/csv; charset=utf-8"
        response.headers[.contentDisposition] = "attachment; filename=\"\(kind.rawValue).csv\""
        return response
    }
}
