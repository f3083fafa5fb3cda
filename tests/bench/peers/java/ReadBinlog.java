// Decodes every event of a binlog file with mysql-binlog-connector-java and prints how many row images it saw.
import com.github.shyiko.mysql.binlog.BinaryLogFileReader;
import com.github.shyiko.mysql.binlog.event.*;
import com.github.shyiko.mysql.binlog.event.deserialization.ChecksumType;
import com.github.shyiko.mysql.binlog.event.deserialization.EventDeserializer;
import java.io.File;

public class ReadBinlog {
  public static void main(String[] arguments) throws Exception {
    EventDeserializer deserializer = new EventDeserializer();
    deserializer.setChecksumType(ChecksumType.CRC32);
    long events = 0, images = 0;
    try (BinaryLogFileReader reader = new BinaryLogFileReader(new File(arguments[0]), deserializer)) {
      for (Event event; (event = reader.readEvent()) != null; ++events) {
        EventData data = event.getData();
        if (data instanceof WriteRowsEventData) images += ((WriteRowsEventData) data).getRows().size();
        if (data instanceof DeleteRowsEventData) images += ((DeleteRowsEventData) data).getRows().size();
        if (data instanceof UpdateRowsEventData) images += 2 * ((UpdateRowsEventData) data).getRows().size();
      }
    }
    System.out.println(events + " events, " + images + " row images");
  }
}
