{# An amount of a tax document with its sign: credit notes (61) subtract, whichever sign they come with. #}
{% macro con_signo(tipo_documento, monto) -%}
    case when {{ tipo_documento }} = '61' then -abs({{ monto }}) else {{ monto }} end
{%- endmacro %}


{# Whether a tax document stands: neither claimed against nor annulled. NULL where the record of payments lacks it. #}
{% macro documento_vigente(estado) -%}
    {{ estado }} not in ('RECLAMADA', 'ANULADA')
{%- endmacro %}


{# Whether law 21.131 sets a term for paying a tax document: invoices and debit notes, not delivery notes (52). #}
{% macro con_plazo_de_pago(tipo_documento) -%}
    {{ tipo_documento }} in ('33', '34', '46', '56')
{%- endmacro %}


{# What is left to account for of a transfer; linear, so that it holds for each of its movements too. #}
{% macro saldo_por_rendir(transferido, rendido, reintegrado) -%}
    {{ transferido }} - {{ rendido }} - {{ reintegrado }}
{%- endmacro %}
