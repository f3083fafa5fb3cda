# Tests that run the program: real clients and kill -9 (label clients), each a Python script that says SKIPPED by exit 77.
find_package(Python3 COMPONENTS Interpreter)
if(Python3_FOUND)
  foreach(client arrow aws_cli aws_s3 boto3 boto3_old browser durability events java_sdk js_sdk kill lake minio_go raw_http rclone s3a s3cmd s3fs versions)
    add_test(NAME clients_${client} COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/clients/${client}_test.py)
    set_tests_properties(clients_${client} PROPERTIES LABELS clients SKIP_RETURN_CODE 77 TIMEOUT 900
                         ENVIRONMENT "SLUICE=$<TARGET_FILE:sluice>;PYTHONDONTWRITEBYTECODE=1")
  endforeach()
endif()

# The course, each scenario twice; its hashes under two seeds, time zones and folders; and what README.md shows (label scenario).
add_test(NAME scenarios COMMAND sluice run scenarios --repeat 2 WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
set_tests_properties(scenarios PROPERTIES LABELS scenario)
if(Python3_FOUND)
  foreach(check determinism readme)
    add_test(NAME scenarios_${check} COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/scenarios/${check}_test.py)
    set_tests_properties(scenarios_${check} PROPERTIES LABELS scenario ENVIRONMENT "SLUICE=$<TARGET_FILE:sluice>;PYTHONDONTWRITEBYTECODE=1")
  endforeach()
endif()

# The scenarios of real servers, each on the servers of this machine (label mysql).
if(Python3_FOUND)
  add_test(NAME scenarios_live COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/scenarios/live_test.py)
  set_tests_properties(scenarios_live PROPERTIES LABELS mysql SKIP_RETURN_CODE 77 TIMEOUT 600
                       ENVIRONMENT "SLUICE=$<TARGET_FILE:sluice>;PYTHONDONTWRITEBYTECODE=1")
endif()

# Random SQL on them, from the first row to the merged table (label mysql).
if(Python3_FOUND)
  add_test(NAME differential_live COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/differential/live.py)
  set_tests_properties(differential_live PROPERTIES LABELS mysql SKIP_RETURN_CODE 77 TIMEOUT 600
                       ENVIRONMENT "SLUICE=$<TARGET_FILE:sluice>;PYTHONDONTWRITEBYTECODE=1")
endif()

# Scripts of edge values and of every way in which rows change: our decode beside SELECT and beside mysqlbinlog's (label mysql).
if(Python3_FOUND)
  add_test(NAME decode_live COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/differential/decode.py)
  set_tests_properties(decode_live PROPERTIES LABELS mysql SKIP_RETURN_CODE 77 TIMEOUT 600
                       ENVIRONMENT "SLUICE=$<TARGET_FILE:sluice>;PYTHONDONTWRITEBYTECODE=1")
endif()

# Every character of every charset of theirs (label mysql).
if(Python3_FOUND)
  add_test(NAME charsets_live COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/differential/charsets.py)
  set_tests_properties(charsets_live PROPERTIES LABELS mysql SKIP_RETURN_CODE 77 TIMEOUT 600
                       ENVIRONMENT "SLUICE=$<TARGET_FILE:sluice>;PYTHONDONTWRITEBYTECODE=1")
endif()

# What a real MySQL answers today against what was recorded (label mysql): SKIPPED unless SLUICE_MYSQL names a server.
if(Python3_FOUND)
  add_test(NAME mysql_differential COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/differential/record.py --check)
  set_tests_properties(mysql_differential PROPERTIES LABELS mysql SKIP_RETURN_CODE 77 TIMEOUT 300
                       ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1")
endif()

# sluice binlog --follow runs the program.
target_link_libraries(pipeline_commands_live PRIVATE test_source_path)
set_tests_properties(pipeline_commands_live PROPERTIES ENVIRONMENT "SLUICE=$<TARGET_FILE:sluice>")

# A part of ./dev bench live, built when that asks for it.
add_executable(bench_live EXCLUDE_FROM_ALL ${CMAKE_CURRENT_SOURCE_DIR}/bench/live.cpp)
target_link_libraries(bench_live PRIVATE pipeline_rds)
target_compile_options(bench_live PRIVATE -O2)
