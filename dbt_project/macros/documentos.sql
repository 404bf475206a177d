{# An amount of a tax document with its sign: credit notes (61) subtract, whichever sign they come with. #}
{% macro con_signo(tipo_documento, monto) -%}
    case when {{ tipo_documento }} = '61' then -abs({{ monto }}) else {{ monto }} end
{%- endmacro %}


{# Whether a tax document stands: in the record of payments, and neither claimed against nor annulled. #}
{% macro documento_vigente(estado) -%}
    {{ estado }} not in ('RECLAMADA', 'ANULADA')
{%- endmacro %}


{# What is left to account for of a transfer; linear, so that it holds for each of its movements too. #}
{% macro saldo_por_rendir(transferido, rendido, reintegrado) -%}
    {{ transferido }} - {{ rendido }} - {{ reintegrado }}
{%- endmacro %}
